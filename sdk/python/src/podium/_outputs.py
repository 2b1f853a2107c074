"""Predictions as tensors of the Open Inference Protocol: raw little-endian bytes and what they are."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any, NamedTuple, cast

from ._datatypes import FORMATS, loaded_numpy
from ._errors import PodiumError
from ._json import plain, strict_encoder
from ._signature import Signature, TensorSpec

# numpy's letters for the kinds of numbers that a datatype can hold, and Python's types of each.
_FLOATS = "biuf"
_KINDS = {"b": {bool}, "biu": {bool, int}, _FLOATS: {bool, int, float}}


class Outputs(NamedTuple):
    """`parts` says name, datatype, shape and length of each piece of `data`."""

    parts: list[dict[str, Any]]
    data: list[bytes]


class _Raw(NamedTuple):
    datatype: str
    shape: Sequence[int]
    data: bytes


def write_outputs(predictions: Sequence[Any], signature: Signature, declared: bool) -> Outputs:
    """The outputs of one request; `predictions` is a list, or a numpy array with a first dimension of rows.

    Raises `PodiumError` when they are not what the signature declares.
    """
    specs = signature["outputs"]
    outputs = Outputs([], [])
    for spec in specs:
        column = predictions if len(specs) == 1 else [_field(value, spec["name"]) for value in predictions]
        raw = _write_declared(column, spec) if declared else _write_as_is(column)
        part = {"name": spec["name"], "datatype": raw.datatype, "shape": list(raw.shape)}
        outputs.parts.append({**part, "length": len(raw.data)})
        outputs.data.append(raw.data)
    return outputs


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise PodiumError(f"infer must return a dict with {name!r} for each row, as the signature declares.")
    return cast(dict[str, Any], value)[name]


def _write_declared(column: Sequence[Any], spec: TensorSpec) -> _Raw:
    name, datatype = spec["name"], spec["datatype"]
    if len(column) == 0:
        return _Raw(datatype, [0, *(max(size, 0) for size in spec["shape"][1:])], b"")
    if datatype == "BYTES":
        values = _plain_list(column)
        shape, flat = _flatten(values, max(1, len(spec["shape"])))
        return _Raw(datatype, _fit_shape(shape, spec), _text_bytes(flat))
    kinds = _kinds_of(datatype)
    numpy = loaded_numpy()
    if numpy is not None:
        array = _array_of(numpy, column, name, datatype)
        if array.dtype.kind not in kinds:
            raise PodiumError(_unlike(name, datatype, str(array.dtype)))
        return _Raw(datatype, _fit_shape(array.shape, spec), _array_bytes(numpy, array, name, datatype))
    shape, flat = _flatten(_plain_list(column), 32)
    for value in flat:
        if type(value) not in _KINDS[kinds]:
            raise PodiumError(_unlike(name, datatype, type(value).__name__))
    return _Raw(datatype, _fit_shape(shape, spec), _list_bytes(flat, name, datatype))


def _kinds_of(datatype: str) -> str:
    if datatype == "BOOL":
        return "b"
    return "biu" if "INT" in datatype else _FLOATS


def _write_as_is(column: Sequence[Any]) -> _Raw:
    """Without a declared signature: numbers as what they are, anything else as texts, one a row."""
    numpy = loaded_numpy()
    if numpy is not None and isinstance(column, numpy.ndarray):
        array: Any = column
        for datatype, (_, dtype) in FORMATS.items():
            if datatype != "BF16" and array.dtype == numpy.dtype(dtype):
                return _Raw(datatype, array.shape, _array_bytes(numpy, array, "predictions", datatype))
    values = _plain_list(column)
    shape, flat = _flatten(values, 32)
    kinds: set[type] = {type(value) for value in flat}
    datatype = "BOOL" if kinds == {bool} else "INT64" if kinds == {int} else "FP64"
    if kinds and kinds <= ({bool} if datatype == "BOOL" else {int, float}):
        try:
            return _Raw(datatype, shape, _list_bytes(flat, "predictions", datatype))
        except PodiumError:  # integers beyond 64 bits
            pass
    return _Raw("BYTES", [len(values)], _text_bytes(values))


def _plain_list(column: Sequence[Any]) -> list[Any]:
    if hasattr(column, "tolist"):
        return cast(Any, column).tolist()
    return [plain(value) if hasattr(value, "tolist") else value for value in column]


def _flatten(values: list[Any], rank: int) -> tuple[list[int], list[Any]]:
    """Shape and elements of nested lists of one size at each level; ragged ones count as one dimension."""
    shape, flat = [len(values)], values
    while len(shape) < rank and flat and all(isinstance(value, list) for value in flat):
        size = len(flat[0])
        if size == 0 or any(len(value) != size for value in flat):
            break
        shape.append(size)
        flat = list(chain.from_iterable(flat))
    return shape, flat


def _fit_shape(shape: Sequence[int], spec: TensorSpec) -> Sequence[int]:
    """The shape as it is declared, where the rows' elements only lie otherwise: [3] for [-1, 1].

    Raises `PodiumError`.
    """
    declared = spec["shape"]
    if len(shape) == len(declared) and all(
        wanted in (-1, size) for size, wanted in zip(shape[1:], declared[1:])
    ):
        return shape
    if -1 not in declared[1:] and prod(shape[1:]) == prod(declared[1:]):
        return [shape[0], *declared[1:]]
    raise PodiumError(
        f"The model's output {spec['name']} has shape {list(shape)}; its signature declares {declared}."
    )


def _array_of(numpy: Any, column: Sequence[Any], name: str, datatype: str) -> Any:
    if isinstance(column, numpy.ndarray):
        return column
    own = (numpy.ndarray, numpy.generic)
    values = [
        plain(value) if hasattr(value, "tolist") and not isinstance(value, own) else value for value in column
    ]
    try:
        array = numpy.asarray(values)
        if array.dtype.kind in "fO" and _kinds_of(datatype) != _FLOATS:
            array = _exact_integers(numpy, values, array, datatype)
        return array
    except OverflowError as error:
        raise PodiumError(_too_large(name, datatype)) from error
    except (ValueError, TypeError) as error:
        raise PodiumError(f"The model's output {name} has rows of different shapes.") from error


def _exact_integers(numpy: Any, values: list[Any], array: Any, datatype: str) -> Any:
    """Integers on both sides of 2^63, which numpy would make floats of. Raises `OverflowError`."""
    objects = numpy.asarray(values, dtype=object)
    if not all(type(value) is int for value in objects.flat):
        return array
    return objects.astype(FORMATS[datatype][1])


def _array_bytes(numpy: Any, array: Any, name: str, datatype: str) -> bytes:
    """`array`, whose kind fits, as the datatype's bytes. Raises `PodiumError` when a number is too large."""
    wanted = numpy.dtype("<f4" if datatype == "BF16" else FORMATS[datatype][1])
    if array.dtype == wanted:
        numbers = array
    else:
        with numpy.errstate(over="ignore", invalid="ignore"):
            numbers = array.astype(wanted)
        if not numpy.can_cast(array.dtype, wanted) and not _is_same(numpy, array, numbers):
            raise PodiumError(_too_large(name, datatype))
    if datatype == "BF16":
        bits = numpy.ascontiguousarray(numbers).view("<u4")
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        numbers = numpy.where(numpy.isnan(numbers), 0x7FC0, rounded).astype("<u2")
    return numbers.tobytes()


def _is_same(numpy: Any, array: Any, numbers: Any) -> bool:
    """Integers must be equal; of floats none may have become infinite."""
    if numbers.dtype.kind == "f":
        return not bool((numpy.isinf(numbers) & numpy.isfinite(array)).any())
    return bool(((numbers == array) & ((numbers < 0) == (array < 0))).all())


def _list_bytes(flat: list[Any], name: str, datatype: str) -> bytes:
    letter = "f" if datatype == "BF16" else FORMATS[datatype][0]
    try:
        packed = struct.pack(f"<{len(flat)}{letter}", *flat)
    except (OverflowError, struct.error) as error:
        raise PodiumError(_too_large(name, datatype)) from error
    return b"".join(map(_rounded, struct.iter_unpack("<I", packed))) if datatype == "BF16" else packed


def _rounded(word: tuple[int]) -> bytes:
    """The bits of an FP32 as the nearest BF16."""
    (bits,) = word
    is_nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return struct.pack("<H", 0x7FC0 if is_nan else (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)


def _text_bytes(values: Sequence[Any]) -> bytes:
    pieces: list[bytes] = []
    for value in values:
        if isinstance(value, bytes):
            element = value
        else:
            text = value if isinstance(value, str) else strict_encoder.encode(value)
            element = text.encode("utf-8", "replace")
        pieces += (struct.pack("<I", len(element)), element)
    return b"".join(pieces)


def _unlike(name: str, datatype: str, kind: str) -> str:
    return f"The model's output {name} is {kind}; its signature declares {datatype}."


def _too_large(name: str, datatype: str) -> str:
    return f"The model's output {name} has a number that is too large for {datatype}."
