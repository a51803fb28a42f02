"""The two ways a weight matrix is stored and multiplied."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.encoder.onnx_writer import CONTRIB, GraphWriter
from shelfwise_pipeline.encoder.quantize import BITS, BLOCK, quantize_blocks

_INT8_ACTIVATIONS: Final = 4
"""MatMulNBits `accuracy_level`: activations go to int8 block by block as well, so that the products are integer products."""


class Linear(Protocol):
    """Adds `x @ weight.T` to a graph and returns the product's name; the bias is left to the operator that follows."""

    def __call__(self, graph: GraphWriter, x: str, name: str, weight: NDArray[np.float32]) -> str: ...


def full_precision(graph: GraphWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
    """fp32, for documents."""
    return graph.node("MatMul", [x, graph.constant(name, weight.T)])


def eight_bit(graph: GraphWriter, x: str, name: str, weight: NDArray[np.float32]) -> str:
    """8 bit block by block, for queries."""
    codes, scales = quantize_blocks(weight)
    inputs = [x, graph.constant(f"{name}.codes", codes), graph.constant(f"{name}.scales", scales)]
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
