"""A small BERT with random weights, as sentence-transformers would save it."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from shelfwise_pipeline.encoder.graph import BertShape

SHAPE = BertShape(layers=2, heads=2, dimension=32, epsilon=1e-12)
INNER = 128
POSITIONS = 32
_SIGNS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def bert_tensors(
    shape: BertShape, words: int, inner: int, *, positions: int = 16, loud: int | None = None, seed: int = 3
) -> dict[str, NDArray[np.float32]]:
    """Random tensors of such a model. `loud` is a channel with far larger values than the others, as trained encoders have."""
    draw = np.random.default_rng(seed)
    dimension = shape.dimension

    def normal(*size: int) -> NDArray[np.float32]:
        return draw.normal(0, 0.2, size).astype(np.float32)

    made = {
        "embeddings.word_embeddings.weight": normal(words, dimension),
        "embeddings.position_embeddings.weight": normal(positions, dimension),
        "embeddings.token_type_embeddings.weight": normal(2, dimension),
    }
    norms = ["embeddings"]
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}"
        sizes = {f"attention.self.{part}": (dimension, dimension) for part in ("query", "key", "value")}
        sizes |= {"attention.output.dense": (dimension, dimension), "intermediate.dense": (inner, dimension)}
        sizes |= {"output.dense": (dimension, inner)}
        for block, (rows, columns) in sizes.items():
            made |= {f"{name}.{block}.weight": normal(rows, columns), f"{name}.{block}.bias": normal(rows)}
        norms += [f"{name}.attention.output", f"{name}.output"]
    for name in norms:
        gamma = 1 + normal(dimension)
        if loud is not None:
            gamma[loud] = 30
        made |= {f"{name}.LayerNorm.weight": gamma, f"{name}.LayerNorm.bias": normal(dimension)}
    return made


def write_checkpoint(folder: Path, *, seed: int = 3, max_tokens: int = 16) -> Path:
    """Write a checkpoint whose tokens are letters, a different one for every `seed`. Returns `folder`."""
    pieces = [*_SIGNS, *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    tokenizer = Tokenizer(WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    ends = [("[CLS]", pieces.index("[CLS]")), ("[SEP]", pieces.index("[SEP]"))]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(bert_tensors(SHAPE, len(pieces), INNER, positions=POSITIONS, seed=seed), folder / "model.safetensors")
    _write(folder / "config.json", _config(len(pieces)))
    _write(folder / "sentence_bert_config.json", {"max_seq_length": max_tokens})
    modules = enumerate({"": "Transformer", "1_Pooling": "Pooling"}.items())
    _write(
        folder / "modules.json",
        [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in modules
        ],
    )
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": SHAPE.dimension, "pooling_mode_mean_tokens": True}
    _write(folder / "1_Pooling" / "config.json", pooling)
    return folder


def _config(words: int) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "vocab_size": words,
        "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads,
        "hidden_size": SHAPE.dimension,
        "intermediate_size": INNER,
        "layer_norm_eps": SHAPE.epsilon,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "pad_token_id": 0,
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
