"""Tensors of the Open Inference Protocol: raw little-endian bytes in, JSON outputs out."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any, cast

from ._errors import PodiumError
from ._json import plain, strict_encoder
from ._signature import Signature, TensorSpec

# struct's letter and numpy's name of each datatype.
_FORMATS = {
    "BOOL": ("?", "?"),
    "UINT8": ("B", "u1"),
    "UINT16": ("H", "<u2"),
    "UINT32": ("I", "<u4"),
    "UINT64": ("Q", "<u8"),
    "INT8": ("b", "i1"),
    "INT16": ("h", "<i2"),
    "INT32": ("i", "<i4"),
    "INT64": ("q", "<i8"),
    "FP16": ("e", "<f2"),
    "FP32": ("f", "<f4"),
    "FP64": ("d", "<f8"),
}


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
    columns: dict[str, list[Any]] = {}
    position = 0
    for spec in inputs:
        end = position + spec["length"]
        columns[spec["name"]] = _read_tensor(spec, data[position:end])
        position = end
    if len(columns) == 1:
        return next(iter(columns.values()))
    if len({len(column) for column in columns.values()}) > 1:
        raise BadTensor("The inputs differ in their first dimension, the number of rows.")
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def write_outputs(predictions: list[Any], signature: Signature, declared: bool) -> str:
    """`{"outputs": […]}` as JSON. Raises `PodiumError`, or as `json` does."""
    specs = signature["outputs"]
    values = [_plain(prediction) for prediction in predictions]
    outputs: list[dict[str, Any]] = []
    for spec in specs:
        column = values if len(specs) == 1 else [_field(value, spec["name"]) for value in values]
        outputs.append(_write_tensor(spec, column, declared))
    return strict_encoder.encode({"outputs": outputs})


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


def _read_tensor(spec: dict[str, Any], data: memoryview) -> list[Any]:
    name, datatype, shape = spec["name"], spec["datatype"], spec["shape"]
    if not shape or min(shape) < 0:
        raise BadTensor(f"Input {name} needs a shape whose first dimension is the number of rows.")
    if datatype == "BYTES":
        return _nest(_read_texts(name, data, prod(shape)), shape)
    if datatype not in _FORMATS:
        raise BadTensor(f"Input {name} has the unknown datatype {datatype}.")
    letter, numpy_name = _FORMATS[datatype]
    expected = prod(shape) * struct.calcsize(letter)
    if len(data) != expected:
        raise BadTensor(f"Input {name} of shape {shape} takes {expected} bytes; there are {len(data)}.")
    # A script that works with numpy gets arrays; one that does not is spared the import.
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        return list(numpy.frombuffer(bytes(data), dtype=numpy_name).reshape(shape))
    return _nest(list(struct.unpack(f"<{prod(shape)}{letter}", data)), shape)


def _read_texts(name: str, data: memoryview, count: int) -> list[Any]:
    texts: list[Any] = []
    position = 0
    for _ in range(count):
        if position + 4 > len(data):
            break
        (length,) = struct.unpack_from("<I", data, position)
        position += 4 + length
        if position > len(data):
            break
        texts.append(_read_text(name, data[position - length : position]))
    if len(texts) != count or position != len(data):
        raise BadTensor(f"Input {name}: the bytes do not hold exactly {count} elements.")
    return texts


def _read_text(name: str, element: memoryview) -> Any:
    """Text; a JSON object or array is decoded into the row it stands for."""
    try:
        text = str(element, "utf-8")
    except UnicodeDecodeError as error:
        raise BadTensor(f"Input {name} holds an element that is not UTF-8.") from error
    if text[:1] in ("{", "["):
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


def _plain(value: Any) -> Any:
    return plain(value) if hasattr(value, "tolist") else value


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise PodiumError(f"infer must return a dict with {name!r} for each row, as the signature declares.")
    fields = cast(dict[str, Any], value)
    return _plain(fields[name])


def _write_tensor(spec: TensorSpec, values: list[Any], declared: bool) -> dict[str, Any]:
    shape = _shape(values)
    flat = values
    for _ in shape[1:]:
        flat = list(chain.from_iterable(flat))
    kind = _datatype(flat)
    if kind == "BYTES" or (declared and spec["datatype"] == "BYTES"):
        shape, kind = [len(values)], "BYTES"
        flat = [value if isinstance(value, str) else strict_encoder.encode(value) for value in values]
    elif declared:
        kind = _declared_datatype(kind, spec["datatype"])
    return {"name": spec["name"], "datatype": kind, "shape": shape, "data": flat}


def _shape(values: list[Any]) -> list[int]:
    """The shape of nested lists of one size at each level; ragged ones count as one dimension."""
    if values and all(
        isinstance(value, list) and len(cast(list[Any], value)) == len(values[0]) > 0 for value in values
    ):
        inner = _shape(list(chain.from_iterable(values)))
        return [len(values), len(values[0]), *inner[1:]]
    return [len(values)]


def _datatype(flat: list[Any]) -> str:
    kinds: set[type] = {type(value) for value in flat}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int}:
        return "INT64"
    return "FP64" if kinds and kinds <= {int, float} else "BYTES"


def _declared_datatype(kind: str, wanted: str) -> str:
    """The declared datatype where the numbers fit it, else what they are."""
    if wanted.startswith("FP") and kind in ("INT64", "FP64"):
        return wanted
    if wanted.startswith(("INT", "UINT")) and kind == "INT64":
        return wanted
    return kind
