"""The serving engine; needs only onnxruntime and tokenizers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shelfwise.contracts.embed import TextKind
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import BundleDamaged
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.engines.base import TokenIds, Vectors
from shelfwise_embedder.engines.padding import padded

MODEL_FILES: Final[dict[TextKind, str]] = {"query": "query.onnx", "document": "document.onnx"}
TOKENIZER_FILE: Final = "tokenizer.json"


class OnnxEngine:
    """Encodes queries in 8 bit and documents in fp32."""

    def __init__(self, folder: Path, description: EncoderDescription, threads: int) -> None:
        missing = [name for name in (*MODEL_FILES.values(), TOKENIZER_FILE) if not (folder / name).is_file()]
        if missing:
            raise BundleDamaged(f"expected {', '.join(missing)} in {str(folder)!r}, found none; build the bundle again")
        self._description = description
        self._tokenizer = _tokenizer(folder / TOKENIZER_FILE, description.max_tokens)
        self._models = {kind: _Model(folder / name, threads) for kind, name in MODEL_FILES.items()}

    @property
    def space(self) -> VectorSpace:
        return self._description.space

    @property
    def max_tokens(self) -> int:
        return self._description.max_tokens

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        return self._models[kind].vectors(batch)


class _Model:
    """One ONNX file. A model without a mask gets texts one by one, so that no vector depends on other texts in the batch."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session = _session(path, threads)
        self._masked = len(self._session.get_inputs()) > 1

    def vectors(self, batch: Sequence[TokenIds]) -> Vectors:
        """[len(batch), dimension]"""
        if not self._masked:
            alone = [self._run({"input_ids": np.array([ids], np.int32)}) for ids in batch]
            return alone[0] if len(alone) == 1 else np.concatenate(alone)
        ids, mask = padded(batch)
        return self._run({"input_ids": ids, "attention_mask": mask})

    def _run(self, inputs: dict[str, NDArray[np.int32]]) -> Vectors:
        vectors: Vectors = self._session.run(None, inputs)[0]
        return vectors


def _tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The graph is written in the operators that should run. onnxruntime would merge Add and LayerNormalization into one
    # operator that takes three times as long for a short text.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Idle threads of one service must not use the cores that its neighbors compute on.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
