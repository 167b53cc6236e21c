"""Builds an ONNX graph from expressions: operators of Python and a few functions on `Value`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import DTypeLike, NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET, IR = 17, 8
"""Versions of the operators and of the format: LayerNormalization exists from opset 17 on, which
ONNX Runtime reads since version 1.12 (2022).
"""
_LOWEST = np.iinfo(np.int64).min


class Graph:
    """A graph that grows with every operation on its values."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Value] = {}
        self._weights: dict[str, TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: DTypeLike, shape: Sequence[int | str]) -> Value:
        """Add an input; sides that are names may have any length."""
        self._inputs.append(helper.make_tensor_value_info(name, _kind(dtype), shape))
        return Value(self, name, np.dtype(dtype))

    def output(self, name: str, value: Value, shape: Sequence[int | str]) -> None:
        """Add an output."""
        self._nodes.append(helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _kind(value.dtype), shape))

    def constant(self, values: NDArray[Any]) -> Value:
        """A constant, stored once."""
        key = values.dtype.str, values.shape, values.tobytes()
        if key not in self._constants:
            name = f"constant{len(self._constants)}"
            self._weights[name] = numpy_helper.from_array(values, name)
            self._constants[key] = Value(self, name, values.dtype)
        return self._constants[key]

    def operation(
        self, kind: str, *operands: Value, dtype: DTypeLike | None = None, **attributes: Any
    ) -> Value:
        """Add an operator with one output, by default of the type of its first operand."""
        name = f"{kind.lower()}{len(self._nodes)}"
        names = [each.name for each in operands]
        self._nodes.append(helper.make_node(kind, names, [name], **attributes))
        return Value(self, name, np.dtype(dtype or operands[0].dtype))

    def include(self, network: onnx.GraphProto, *inputs: Value) -> list[Value]:
        """Add a network, without subgraphs, and return its outputs, all float32.

        Its weights are stored once, however often it is added.
        """
        own = f"{network.name}{len(self._nodes)}."
        names = {"": ""}
        for each in network.initializer:
            names[each.name] = f"{network.name}.{each.name}"
            if names[each.name] not in self._weights:
                self._weights[names[each.name]] = weight = TensorProto()
                weight.CopyFrom(each)
                weight.name = names[each.name]
        names |= {each.name: value.name for each, value in zip(network.input, inputs, strict=True)}
        for node in network.node:
            copied = onnx.NodeProto()
            copied.CopyFrom(node)
            copied.name = ""
            for listed in (copied.input, copied.output):
                listed[:] = [names.setdefault(name, own + name) for name in listed]
            self._nodes.append(copied)
        return [Value(self, names[each.name], np.dtype(np.float32)) for each in network.output]

    def model(self, metadata: dict[str, str], description: str) -> onnx.ModelProto:
        """The finished graph.

        Parameters
        ----------
        metadata
            Texts to store in the file, by name.
        description
            What the file is, for programs that show it.
        """
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, [*self._weights.values()]
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], producer_name="retint")
        model.ir_version = IR
        model.doc_string = description
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model


@dataclass(frozen=True)
class Value:
    """A tensor in a graph; numbers beside it get its type."""

    graph: Graph
    name: str
    dtype: np.dtype[Any]

    def apply(self, kind: str, *others: Any, **attributes: Any) -> Value:
        """The output of an operator whose first operand is this value."""
        return self.graph.operation(kind, self, *map(self.beside, others), **attributes)

    def beside(self, other: Any) -> Value:
        """A value, or a constant of this value's type."""
        if isinstance(other, Value):
            return other
        return self.graph.constant(np.asarray(other, self.dtype))

    def __add__(self, other: Any) -> Value:
        return self.apply("Add", other)

    def __sub__(self, other: Any) -> Value:
        return self.apply("Sub", other)

    def __rsub__(self, other: Any) -> Value:
        return self.beside(other) - self

    def __mul__(self, other: Any) -> Value:
        return self.apply("Mul", other)

    def __truediv__(self, other: Any) -> Value:
        return self.apply("Div", other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.beside(other) / self

    def __mod__(self, other: Any) -> Value:
        return self.apply("Mod", other)

    def __matmul__(self, other: Value) -> Value:
        return self.apply("MatMul", other)

    def __gt__(self, other: Any) -> Value:
        return self.apply("Greater", other, dtype=np.bool_)

    def __lt__(self, other: Any) -> Value:
        return self.apply("Less", other, dtype=np.bool_)

    def __or__(self, other: Value) -> Value:
        return self.apply("Or", other)

    def equals(self, other: Any) -> Value:
        """Where both are equal."""
        return self.apply("Equal", other, dtype=np.bool_)

    def where(self, chosen: Value, other: Any) -> Value:
        """Where the values are true, `chosen`; elsewhere `other`."""
        other = chosen.beside(other)
        return self.graph.operation("Where", self, chosen, other, dtype=chosen.dtype)

    def at_least(self, other: Any) -> Value:
        """The larger one of both."""
        return self.apply("Max", other)

    def at_most(self, other: Any) -> Value:
        """The smaller one of both."""
        return self.apply("Min", other)

    def clip(self, low: Any, high: Any) -> Value:
        """The values, limited to a range."""
        return self.apply("Clip", low, high)

    def to(self, dtype: DTypeLike) -> Value:
        """The values in another type."""
        return self.apply("Cast", to=_kind(dtype), dtype=dtype)

    def side(self, axis: int) -> Value:
        """The length of an axis: int64, without axes."""
        shape = self.apply("Shape", dtype=np.int64)
        return shape.apply("Gather", self._integers(axis), axis=0)

    def transposed(self, *order: int) -> Value:
        """The axes in another order."""
        return self.apply("Transpose", perm=order)

    def reshaped(self, *shape: int) -> Value:
        """The values in another shape, of which one side may be -1: what is left."""
        return self.apply("Reshape", self._integers(shape))

    def unsqueezed(self, *axes: int) -> Value:
        """With more axes of length 1."""
        return self.apply("Unsqueeze", self._integers(axes))

    def squeezed(self, axis: int) -> Value:
        """Without an axis of length 1."""
        return self.apply("Squeeze", self._integers([axis]))

    def taken(self, places: Value, axis: int) -> Value:
        """The values at some places of an axis."""
        return self.apply("Gather", places, axis=axis)

    def part(self, index: int, axis: int) -> Value:
        """The values at one place of an axis, which disappears."""
        return self.taken(self._integers(index), axis)

    def first(self, count: Value, axis: int) -> Value:
        """The first `count` values of an axis."""
        start, axes = self._integers([0]), self._integers([axis])
        return self.apply("Slice", start, count.unsqueezed(0), axes)

    def mirrored(self) -> Value:
        """The last axis reversed."""
        start, end, axes = (self._integers([each]) for each in (-1, _LOWEST, -1))
        return self.apply("Slice", start, end, axes, axes)

    def mean(self, axis: int) -> Value:
        """The mean along an axis, which stays with length 1."""
        return self.apply("ReduceMean", axes=[axis], keepdims=1)

    def total(self, axis: int) -> Value:
        """The sum along an axis, which stays with length 1."""
        return self.apply("ReduceSum", self._integers([axis]), keepdims=1)

    def exp(self) -> Value:
        """The exponential function."""
        return self.apply("Exp")

    def _integers(self, values: Any) -> Value:
        return self.graph.constant(np.asarray(values, np.int64))


def joined(values: Sequence[Value], axis: int) -> Value:
    """Values one after the other along an axis."""
    return values[0].apply("Concat", *values[1:], axis=axis)


def counted(length: Value) -> Value:
    """The integers from 0 to below `length`."""
    return length.beside(0).apply("Range", length, 1)


def _kind(dtype: DTypeLike) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
