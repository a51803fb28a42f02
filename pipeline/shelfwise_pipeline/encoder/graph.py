"""The encoder as an ONNX graph: BERT, mean pooling and normalization, straight from the checkpoint's tensors.

The graph is written directly instead of traced from PyTorch and pattern-matched afterwards. So the build needs neither torch
nor transformers, and each operator is chosen for its time on a short text. The congruence suite checks that the results equal
those of sentence-transformers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from shelfwise_pipeline.encoder.linear import Precision
from shelfwise_pipeline.encoder.onnx_writer import CONTRIB, GraphWriter

IDS: Final = "input_ids"
MASK: Final = "attention_mask"
OUTPUT: Final = "embedding"
_SMALLEST_NORM: Final = 1e-12
"""As in torch.nn.functional.normalize."""

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class BertShape:
    """The values of config.json that the graph needs."""

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


def write_graph(
    path: Path, shape: BertShape, tensors: Tensors, precision: Precision, facts: dict[str, str], *, masked: bool
) -> None:
    """Write the model with its matrices stored as `precision` defines.

    It maps `input_ids`, int32 [batch, length], to `embedding`, float32 [batch, dimension] of unit length. With `masked` it also
    takes `attention_mask`, of the same shape, so that texts of different lengths form one batch; without it, every token
    counts.
    """
    graph = GraphWriter()
    bert = _Bert(graph, shape, tensors, precision, _visible(graph) if masked else "")
    _pool(graph, bert.write(), masked)
    graph.save(path, inputs=[IDS, MASK] if masked else [IDS], output=OUTPUT, dimension=shape.dimension, facts=facts)


def _visible(graph: GraphWriter) -> str:
    """[batch, 1, length, length] which token attends to which: every token to the real ones."""
    real = graph.node("Cast", [MASK], to=onnx.TensorProto.BOOL)
    every = graph.node("Or", [real, graph.node("Not", [real])])
    to = graph.node("Unsqueeze", [real, graph.constant("axes.to", np.array([1, 2], np.int64))])
    of = graph.node("Unsqueeze", [every, graph.constant("axes.of", np.array([1, 3], np.int64))])
    return graph.node("And", [of, to])


class _Bert:
    """The layers. The output of each normalization is divided by the precision's divisors, which the next matrix is multiplied
    by."""

    def __init__(self, graph: GraphWriter, shape: BertShape, tensors: Tensors, precision: Precision, visible: str) -> None:
        self._graph = graph
        self._shape = shape
        self._tensors = tensors
        self._precision = precision
        self._visible = visible

    def write(self) -> str:
        """Write the layers and return the last one's hidden states, [batch, length, dimension]."""
        hidden = "embeddings"
        self._embed(hidden)
        for layer in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden)
        return hidden

    def _embed(self, name: str) -> None:
        # Every token is of type 0 here, so that type's row is added to the positions once.
        positions = (
            self._tensors[f"{name}.position_embeddings.weight"] + self._tensors[f"{name}.token_type_embeddings.weight"][0]
        )
        gamma, beta = self._gamma_and_beta(name)
        words = self._graph.constant("words", self._tensors[f"{name}.word_embeddings.weight"])
        inputs = [IDS, "", words, self._graph.constant("positions", positions), "", gamma, beta]
        # The second output, the length of each row, is mandatory but unused.
        outputs = [name, f"{name}.lengths"]
        self._graph.node("EmbedLayerNormalization", inputs, domain=CONTRIB, outputs=outputs, epsilon=self._shape.epsilon)

    def _layer(self, layer: str, hidden: str) -> str:
        graph, linear = self._graph, self._precision.linear
        # One product for queries, keys and values: three times the columns, a third of the calls.
        weight, bias = (self._stacked(layer, part) for part in ("weight", "bias"))
        heads = graph.split(linear(graph, hidden, f"{layer}.attention.self", weight * self._divisors(hidden), bias), 3)
        count = self._shape.heads
        attended = graph.node("Attention", [*heads, self._visible], q_num_heads=count, kv_num_heads=count)
        attended = linear(graph, attended, *self._dense(f"{layer}.attention.output"))
        attended = self._add_and_normalize(attended, hidden, f"{layer}.attention.output")
        name, weight, bias = self._dense(f"{layer}.intermediate")
        inner = graph.node("Gelu", [linear(graph, attended, name, weight * self._divisors(attended), bias)])
        outer = self._precision.linear_after_gelu(graph, inner, *self._dense(f"{layer}.output"))
        return self._add_and_normalize(outer, attended, f"{layer}.output")

    def _stacked(self, layer: str, part: str) -> NDArray[np.float32]:
        return np.concatenate([self._tensors[f"{layer}.attention.self.{name}.{part}"] for name in ("query", "key", "value")])

    def _dense(self, block: str) -> tuple[str, NDArray[np.float32], NDArray[np.float32]]:
        name = f"{block}.dense"
        return name, self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]

    def _add_and_normalize(self, x: str, residual: str, block: str) -> str:
        """Add `x` + `residual`, normalized. The value is named `block`, like its tensors."""
        if residual in self._precision.divisors:
            divisors = self._graph.constant(f"{residual}.divisors", self._divisors(residual))
            residual = self._graph.node("Mul", [residual, divisors])
        total = self._graph.node("Add", [x, residual])
        inputs = [total, *self._gamma_and_beta(block)]
        return self._graph.node("LayerNormalization", inputs, outputs=[block], epsilon=self._shape.epsilon)

    def _gamma_and_beta(self, block: str) -> list[str]:
        return [
            self._graph.constant(f"{block}.{name}", self._tensors[f"{block}.LayerNorm.{part}"] / self._divisors(block))
            for name, part in (("gamma", "weight"), ("beta", "bias"))
        ]

    def _divisors(self, block: str) -> NDArray[np.float32]:
        """[dimension] the divisors of a normalization's output; 1 by default."""
        return self._precision.divisors.get(block, np.ones(self._shape.dimension, np.float32))


def _pool(graph: GraphWriter, hidden: str, masked: bool) -> None:
    # The sum over the real tokens has the direction of their mean, and the length is divided out below in either case.
    token = graph.constant("axis.token", np.array([1], np.int64))
    if masked:
        row = graph.node("Unsqueeze", [graph.node("Cast", [MASK], to=onnx.TensorProto.FLOAT), token])
        total = graph.node("Squeeze", [graph.node("MatMul", [row, hidden]), token])
    else:
        total = graph.node("ReduceSum", [hidden, token], keepdims=0)
    norm = graph.node("ReduceL2", [total, graph.constant("axis.dimension", np.array([-1], np.int64))], keepdims=1)
    floor = graph.constant("norm.floor", np.array(_SMALLEST_NORM, np.float32))
    graph.node("Div", [total, graph.node("Max", [norm, floor])], outputs=[OUTPUT])
