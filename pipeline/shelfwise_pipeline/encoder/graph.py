"""The encoder as an ONNX graph: BERT, mean pooling and normalization, straight from the checkpoint's tensors.

Written directly in onnxruntime's fused operators instead of traced out of PyTorch and pattern-matched afterwards: the build
needs neither torch nor transformers, and what runs is what is written here. The congruence suite holds it equal to
sentence-transformers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.encoder.linear import Linear
from shelfwise_pipeline.encoder.onnx_writer import CONTRIB, GraphWriter

IDS: Final = "input_ids"
MASK: Final = "attention_mask"
OUTPUT: Final = "embedding"
_SMALLEST_NORM: Final = 1e-12
"""As in torch.nn.functional.normalize."""

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class BertShape:
    """What the graph needs of config.json."""

    layers: int
    heads: int
    dimension: int
    epsilon: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "BertShape":
        return cls(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            dimension=int(config["hidden_size"]),
            epsilon=float(config["layer_norm_eps"]),
        )


def write_graph(path: Path, shape: BertShape, tensors: Tensors, linear: Linear, facts: dict[str, str]) -> None:
    """Write the model with its matrices stored by `linear`.

    It maps `input_ids` and `attention_mask`, int32 [batch, length], to `embedding`, float32 [batch, dimension] of unit length.
    """
    graph = GraphWriter()
    hidden = _embeddings(graph, shape, tensors)
    for layer in range(shape.layers):
        hidden = _layer(graph, shape, tensors, f"encoder.layer.{layer}", hidden, linear)
    _pool(graph, hidden)
    graph.save(path, inputs=[IDS, MASK], output=OUTPUT, dimension=shape.dimension, facts=facts)


def _embeddings(graph: GraphWriter, shape: BertShape, tensors: Tensors) -> str:
    # Every token is of type 0 here, so that type's row can be added to the positions once and for all.
    positions = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    inputs = [
        IDS,
        "",
        graph.constant("words", tensors["embeddings.word_embeddings.weight"]),
        graph.constant("positions", positions),
        "",
        graph.constant("embeddings.gamma", tensors["embeddings.LayerNorm.weight"]),
        graph.constant("embeddings.beta", tensors["embeddings.LayerNorm.bias"]),
    ]
    # The second output, the length of each row, is mandatory and unused.
    outputs = ["embeddings", "embeddings.lengths"]
    return graph.node("EmbedLayerNormalization", inputs, domain=CONTRIB, outputs=outputs, epsilon=shape.epsilon)


def _layer(graph: GraphWriter, shape: BertShape, tensors: Tensors, layer: str, hidden: str, linear: Linear) -> str:
    def stacked(part: str) -> NDArray[np.float32]:
        return np.concatenate([tensors[f"{layer}.attention.self.{name}.{part}"] for name in ("query", "key", "value")])

    def bias(block: str) -> str:
        return graph.constant(f"{layer}.{block}.bias", tensors[f"{layer}.{block}.bias"])

    def add_and_normalize(x: str, residual: str, block: str) -> str:
        gamma = graph.constant(f"{layer}.{block}.gamma", tensors[f"{layer}.{block}.LayerNorm.weight"])
        beta = graph.constant(f"{layer}.{block}.beta", tensors[f"{layer}.{block}.LayerNorm.bias"])
        inputs = [x, residual, gamma, beta, bias(f"{block}.dense")]
        return graph.node("SkipLayerNormalization", inputs, domain=CONTRIB, epsilon=shape.epsilon)

    def product(x: str, block: str) -> str:
        return linear(graph, x, f"{layer}.{block}", tensors[f"{layer}.{block}.weight"])

    # One product for queries, keys and values: three times the columns, a third of the calls.
    stacked_bias = graph.constant(f"{layer}.attention.self.bias", stacked("bias"))
    heads = graph.split(linear(graph, hidden, f"{layer}.attention.self", stacked("weight")), 3)
    attended = graph.node("MultiHeadAttention", [*heads, stacked_bias, MASK], domain=CONTRIB, num_heads=shape.heads)
    attended = add_and_normalize(product(attended, "attention.output.dense"), hidden, "attention.output")
    inner = graph.node("BiasGelu", [product(attended, "intermediate.dense"), bias("intermediate.dense")], domain=CONTRIB)
    return add_and_normalize(product(inner, "output.dense"), attended, "output")


def _pool(graph: GraphWriter, hidden: str) -> None:
    # The sum over the real tokens points where their mean points, and the length is divided out below in either case.
    weights = graph.node("Cast", [MASK], to=1)
    row = graph.node("Unsqueeze", [weights, graph.constant("axis.token", np.array([1], np.int64))])
    total = graph.node("Squeeze", [graph.node("MatMul", [row, hidden]), "axis.token"])
    norm = graph.node("ReduceL2", [total, graph.constant("axis.dimension", np.array([-1], np.int64))], keepdims=1)
    floor = graph.constant("norm.floor", np.array(_SMALLEST_NORM, np.float32))
    graph.node("Div", [total, graph.node("Max", [norm, floor])], outputs=[OUTPUT])
