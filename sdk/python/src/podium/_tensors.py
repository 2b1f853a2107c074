"""Tensors of the Open Inference Protocol: raw little-endian bytes in, rows out."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from math import prod
from typing import Any

from ._datatypes import FORMATS, loaded_numpy
from ._errors import PodiumError
from ._signature import Signature

LARGE_BYTES = 64 * 1024  # a tensor of this size is not copied out of what was received


class BadTensor(PodiumError):
    """The request's tensors do not hold together, or are not what the model takes."""


def read_rows(inputs: Sequence[dict[str, Any]], data: memoryview, declared: Signature | None) -> list[Any]:
    """The rows of a request: the first dimension of its tensors.

    With one input a row is that input's element; with several it is a dict by input name. Raises `BadTensor`.
    """
    if not inputs:
        raise BadTensor("The request has no inputs.")
    if declared is not None:
        _check_declared(inputs, declared)
    columns: dict[str, Any] = {}
    position = 0
    for spec in inputs:
        end = position + spec["length"]
        columns[spec["name"]] = _read_tensor(spec, data[position:end], declared is not None)
        position = end
    if len(columns) == 1:
        return list(next(iter(columns.values())))
    if len({len(column) for column in columns.values()}) > 1:
        raise BadTensor("The inputs differ in their first dimension, the number of rows.")
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def _check_declared(inputs: Sequence[dict[str, Any]], declared: Signature) -> None:
    expected = {spec["name"]: spec for spec in declared["inputs"]}
    given = [spec["name"] for spec in inputs]
    if sorted(given) != sorted(expected):
        raise BadTensor(f"The model's inputs are {', '.join(expected)}; the request has {', '.join(given)}.")
    for spec in inputs:
        wanted = expected[spec["name"]]
        sizes = wanted["shape"]
        fits = len(sizes) == len(spec["shape"]) and all(
            size in (-1, given_size) for size, given_size in zip(sizes, spec["shape"])
        )
        if spec["datatype"] != wanted["datatype"] or not fits:
            raise BadTensor(
                f"Input {spec['name']} is {spec['datatype']} {spec['shape']}; "
                f"the model takes {wanted['datatype']} {sizes}."
            )


def _read_tensor(spec: dict[str, Any], data: memoryview, declared: bool) -> Any:
    name, datatype, shape = spec["name"], spec["datatype"], spec["shape"]
    if not shape or min(shape) < 0:
        raise BadTensor(f"Input {name} needs a shape whose first dimension is the number of rows.")
    if datatype == "BYTES":
        return _nest(_read_elements(name, data, prod(shape), declared), shape)
    if datatype not in FORMATS:
        raise BadTensor(f"Input {name} has the unknown datatype {datatype}.")
    letter, numpy_name = FORMATS[datatype]
    expected = prod(shape) * struct.calcsize(letter)
    if len(data) != expected:
        raise BadTensor(f"Input {name} of shape {shape} takes {expected} bytes; there are {len(data)}.")
    numpy = loaded_numpy()
    if numpy is not None:
        return _as_array(numpy, data, datatype, numpy_name).reshape(shape)
    if datatype == "BF16":
        data, letter = _widened(data), "f"
    return _nest(list(struct.unpack(f"<{prod(shape)}{letter}", data)), shape)


def _as_array(numpy: Any, data: memoryview, datatype: str, numpy_name: str) -> Any:
    if datatype == "BOOL":
        return numpy.frombuffer(data, dtype="u1") != 0
    array = numpy.frombuffer(data, dtype=numpy_name)
    # Of a kind that may be written to, as models do. A small one is a copy: a row that the model keeps should
    # not keep all of the connection's buffer.
    if len(data) < LARGE_BYTES or data.readonly or not array.flags.aligned:
        array = array.copy()
    return (array.astype("<u4") << 16).view("<f4") if datatype == "BF16" else array


def _widened(halves: memoryview) -> memoryview:
    """BF16 as FP32: the lower two bytes of each number are zero."""
    wide = bytearray(2 * len(halves))
    wide[2::4] = halves[0::2]
    wide[3::4] = halves[1::2]
    return memoryview(wide)


def _read_elements(name: str, data: memoryview, count: int, declared: bool) -> list[Any]:
    elements: list[Any] = []
    position = 0
    for _ in range(count):
        if position + 4 > len(data):
            break
        (length,) = struct.unpack_from("<I", data, position)
        position += 4 + length
        if position > len(data):
            break
        elements.append(_read_element(data[position - length : position], declared))
    if len(elements) != count or position != len(data):
        raise BadTensor(f"Input {name}: the bytes do not hold exactly {count} elements.")
    return elements


def _read_element(element: memoryview, declared: bool) -> Any:
    """Text, or bytes where it is none. Without a signature, a JSON object or array is the row it means."""
    try:
        text = str(element, "utf-8")
    except UnicodeDecodeError:
        return bytes(element)
    if not declared and text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _nest(flat: list[Any], shape: Sequence[int]) -> list[Any]:
    """The flat elements as nested lists of `shape`."""
    nested = flat
    for size in reversed(shape[1:]):
        rows = len(nested) // size if size else 0
        nested = [nested[index * size : (index + 1) * size] for index in range(rows)]
    return nested if prod(shape) else [_nest([], shape[1:]) if shape[1:] else [] for _ in range(shape[0])]
