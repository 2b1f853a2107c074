"""What a model takes and gives, in the words of the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

_WHOLE_SIZES = (8, 16, 32, 64)
DATATYPES = frozenset(
    [
        "BOOL",
        "BYTES",
        *(f"UINT{bits}" for bits in _WHOLE_SIZES),
        *(f"INT{bits}" for bits in _WHOLE_SIZES),
        *(f"FP{bits}" for bits in (16, 32, 64)),
        "BF16",
    ]
)


class TensorSpec(TypedDict):
    name: str
    datatype: str
    shape: list[int]


class _Tensors(TypedDict):
    inputs: list[TensorSpec]
    outputs: list[TensorSpec]
    batch: bool


class Signature(_Tensors, total=False):
    """`parameters` only where `infer` takes them: one set for all rows (`shared`) or each row's (`each`)."""

    parameters: str


def read_signature(given: object, batch: bool) -> Signature:
    """The signature given to `bind`, checked; without one, JSON rows in and predictions out.

    Raises `TypeError` naming the part that is wrong.
    """
    if given is None:
        return {
            "inputs": [{"name": "rows", "datatype": "BYTES", "shape": [-1]}],
            "outputs": [{"name": "predictions", "datatype": "BYTES", "shape": [-1]}],
            "batch": batch,
        }
    if not isinstance(given, Mapping):
        raise TypeError("signature must be a dict with the lists 'inputs' and 'outputs'.")
    parts = cast(Mapping[str, object], given)
    return {
        "inputs": _read_specs(parts, "inputs"),
        "outputs": _read_specs(parts, "outputs"),
        "batch": batch,
    }


def _read_specs(given: Mapping[str, object], part: str) -> list[TensorSpec]:
    specs: object = given.get(part)
    if isinstance(specs, (str, Mapping)) or not isinstance(specs, Sequence) or not specs:
        raise TypeError(f"signature['{part}'] must be a list of {{name, datatype, shape}}.")
    items = cast(Sequence[object], specs)
    return [_read_spec(spec, f"signature['{part}'][{index}]") for index, spec in enumerate(items)]


def _read_spec(given: object, where: str) -> TensorSpec:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where} must be a dict with name, datatype and shape.")
    spec = cast(Mapping[str, object], given)
    name, datatype, shape = spec.get("name"), spec.get("datatype"), spec.get("shape")
    if not isinstance(name, str) or not name:
        raise TypeError(f"{where}: name must be a text.")
    if datatype not in DATATYPES:
        raise TypeError(f"{where}: datatype must be one of {', '.join(sorted(DATATYPES))}.")
    if isinstance(shape, str) or not isinstance(shape, Sequence):
        raise TypeError(f"{where}: shape must be a list of whole numbers, -1 for any size.")
    sizes = cast(Sequence[object], shape)
    if not all(isinstance(size, int) and size >= -1 for size in sizes):
        raise TypeError(f"{where}: shape must be a list of whole numbers, -1 for any size.")
    return {"name": name, "datatype": str(datatype), "shape": cast(list[int], list(sizes))}
