"""Ways to store and multiply a weight matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.encoder.onnx_writer import CONTRIB, GraphWriter
from shelfwise_pipeline.encoder.quantize import BITS, BLOCK, quantize_blocks, quantize_rows

_INT8_ACTIVATIONS: Final = 4
"""MatMulNBits `accuracy_level`: activations are converted to int8 block by block as well, for integer products."""

Matrix = NDArray[np.float32]


class Linear(Protocol):
    """Adds `x @ weight.T + bias` to a graph and returns the result's name."""

    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Matrix, bias: Matrix) -> str: ...


@dataclass(frozen=True)
class Precision:
    """How the matrices of a graph are stored."""

    linear: Linear
    linear_after_gelu: Linear
    divisors: Mapping[str, Matrix] = field(default_factory=dict)
    """By normalization, [dimension]: its output is divided by these per channel, and the next matrix multiplied by them."""


def full_precision(graph: GraphWriter, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
    """fp32."""
    product = graph.node("MatMul", [x, graph.constant(name, weight.T)])
    return graph.node("Add", [product, graph.constant(f"{name}.bias", bias)])


def eight_bit(graph: GraphWriter, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
    """8 bit with one scale per output channel; activations with one scale for the whole of `x`, found at run time."""
    codes, scales = quantize_rows(weight)
    inputs = [
        x,
        graph.constant(f"{name}.codes", codes.T),
        graph.constant(f"{name}.scales", scales),
        "",  # zero points: 0
        graph.constant(f"{name}.bias", bias),
    ]
    return graph.node("DynamicQuantizeMatMul", inputs, domain=CONTRIB)


def eight_bit_blocks(graph: GraphWriter, x: str, name: str, weight: Matrix, bias: Matrix) -> str:
    """8 bit block by block, activations too: for values so uneven that a single scale would be too coarse."""
    codes, scales = quantize_blocks(weight)
    inputs = [
        x,
        graph.constant(f"{name}.codes", codes),
        graph.constant(f"{name}.scales", scales),
        "",  # zero points: the middle
        "",  # order of the columns: unchanged
        graph.constant(f"{name}.bias", bias),
    ]
    rows, columns = weight.shape
    return graph.node(
        "MatMulNBits",
        inputs,
        domain=CONTRIB,
        N=rows,
        K=columns,
        bits=BITS,
        block_size=BLOCK,
        accuracy_level=_INT8_ACTIVATIONS,
    )


FULL: Final = Precision(full_precision, full_precision)
"""For documents."""


def smoothed(divisors: Mapping[str, Matrix]) -> Precision:
    """8 bit, for queries; see `smoothing` for the divisors."""
    return Precision(eight_bit, eight_bit_blocks, divisors)
