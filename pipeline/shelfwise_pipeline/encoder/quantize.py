"""Block-wise 8-bit weights, in the layout of onnxruntime's MatMulNBits.

A block has its own scale, for weights here and for activations at run time, so one outlier costs the precision of its block
only; and a text's vector does not depend on the texts it is batched with, as it would with a scale a tensor.

Measured with all-MiniLM-L6-v2 on 18,839 product texts, one core: blocks of 128 keep .984 of the ten nearest neighbors,
blocks of 32 keep .990 and take a third longer. Dynamic int8 with a scale a tensor saves another fifth but keeps .957.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 8
BLOCK: Final = 128
_ZERO: Final = 128
"""MatMulNBits reads an absent zero point as the middle of the unsigned range."""


def quantize_blocks(weight: NDArray[np.float32], block: int = BLOCK) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Codes [rows, blocks, block] and scales [rows, blocks] with `weight` ≈ (codes - 128) * scales, symmetric about zero.

    Raises:
        ValueError: the columns are no multiple of `block`.
    """
    rows, columns = weight.shape
    if columns % block:
        raise ValueError(f"expected a multiple of {block} columns, found {columns}; this model cannot be quantized in blocks")
    blocks = weight.reshape(rows, columns // block, block)
    scales = np.abs(blocks).max(axis=-1) / np.float32(_ZERO - 1)
    # A block of zeros: any scale does.
    scales[scales == 0] = 1.0
    codes = np.rint(blocks / scales[..., None]) + _ZERO
    return codes.astype(np.uint8), scales.astype(np.float32)
