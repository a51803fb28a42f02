"""The reference engine: sentence-transformers on torch, in fp32 for both kinds of text. Needs the extra `torch`."""

from collections.abc import Sequence

import torch
from sentence_transformers import SentenceTransformer

from shelfwise.contracts.embed import TextKind
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.engines.base import TokenIds, Vectors
from shelfwise_embedder.engines.padding import padded


class TorchEngine:
    """`model` is a hub id or a local folder; it must be the checkpoint that the bundle was built from."""

    def __init__(self, model: str, description: EncoderDescription, threads: int) -> None:
        torch.set_num_threads(threads)
        self._description = description
        self._model = SentenceTransformer(model, device="cpu", model_kwargs={"dtype": torch.float32})
        self._model.max_seq_length = description.max_tokens
        self._tokenizer = self._model.tokenizer

    @property
    def space(self) -> VectorSpace:
        return self._description.space

    @property
    def max_tokens(self) -> int:
        return self._description.max_tokens

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        if not texts:
            return []  # transformers fails on an empty list
        ids: list[TokenIds] = self._tokenizer(list(texts), truncation=True, max_length=self.max_tokens)["input_ids"]
        return ids

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        ids, mask = padded(batch)
        features = {"input_ids": torch.from_numpy(ids).long(), "attention_mask": torch.from_numpy(mask).long()}
        with torch.inference_mode():
            vectors: Vectors = self._model(features)["sentence_embedding"].numpy()
        return vectors
