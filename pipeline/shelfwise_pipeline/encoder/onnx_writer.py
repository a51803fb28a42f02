"""Writes an ONNX graph node by node."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CONTRIB: Final = "com.microsoft"
"""onnxruntime's own operators: the fused forms that its optimizer would otherwise search for."""

_OPSET: Final = 23
_CONTRIB_OPSET: Final = 1
_IR_VERSION: Final = 11


class GraphWriter:
    """The nodes and constants of one graph. Values are identified by name."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._number = count()

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add a constant and return its name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self, operator: str, inputs: Sequence[str], *, domain: str = "", outputs: Sequence[str] = (), **attributes: Any
    ) -> str:
        """Add a node and return the name of its first output; an absent optional input is the empty string."""
        name = outputs[0] if outputs else f"{operator}_{next(self._number)}"
        self._nodes.append(helper.make_node(operator, inputs, outputs or [name], name=name, domain=domain, **attributes))
        return name

    def split(self, value: str, parts: int) -> list[str]:
        """Split `value` into `parts` equal pieces along its last axis and return their names."""
        name = f"Split_{next(self._number)}"
        pieces = [f"{name}_{piece}" for piece in range(parts)]
        self._nodes.append(helper.make_node("Split", [value], pieces, name=name, axis=-1, num_outputs=parts))
        return pieces

    def save(self, path: Path, *, inputs: Sequence[str], output: str, dimension: int, facts: dict[str, str]) -> None:
        """Check and write the model: int32 `inputs` [batch, length], float32 `output` [batch, dimension]."""
        graph = helper.make_graph(
            self._nodes,
            "sentence-encoder",
            [helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "length"]) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", dimension])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, _CONTRIB_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="shelfwise")
        helper.set_model_props(model, facts)
        onnx.checker.check_model(model)
        onnx.save(model, path)
