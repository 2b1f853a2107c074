"""The parameters of requests: who asks for them, and what each row's are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

ParameterMode = Literal["none", "shared", "each"]

SHARED = "parameters"
EACH = "row_parameters"


class Parameters(dict[str, Any]):
    """A request's parameters by name; `inputs` has those of its tensors, by the tensor's name."""

    def __init__(
        self, given: Mapping[str, Any] | None = None, inputs: dict[str, dict[str, Any]] | None = None
    ) -> None:
        super().__init__(given or {})
        self.inputs: dict[str, dict[str, Any]] = inputs or {}


RowParameters = Union[Sequence[Parameters], None]


def mode_of(infer: object, batch: bool) -> ParameterMode:
    """What `infer` asks for by the names of its arguments; one that gets single rows gets each row's own."""
    names = _argument_names(infer)
    if batch and EACH in names:
        return "each"
    if SHARED in names:
        return "shared" if batch else "each"
    return "none"


def as_keyword(mode: ParameterMode, parameters: RowParameters, rows: int) -> dict[str, Any]:
    """The keyword argument with which an `infer` of many rows is called."""
    if mode == "none":
        return {}
    each = list(parameters) if parameters is not None else [Parameters() for _ in range(rows)]
    if mode == "each":
        return {EACH: each}
    return {SHARED: each[0] if each else Parameters()}


def read_parameters(items: Sequence[dict[str, Any]], rows: Sequence[int]) -> list[Parameters]:
    """One for each row of a batch; `rows` says how many each item has."""
    each: list[Parameters] = []
    for item, count in zip(items, rows):
        each += [_of_item(item)] * count
    return each


def are_equal(items: Sequence[dict[str, Any]]) -> bool:
    """Whether all items of a batch have the same parameters."""
    first = _texts(items[0])
    return all(_texts(item) == first for item in items)


def _of_item(item: dict[str, Any]) -> Parameters:
    own, inputs = _texts(item)
    return Parameters(json.loads(own or "{}"), {name: json.loads(text) for name, text in inputs.items()})


def _texts(item: dict[str, Any]) -> tuple[str, dict[str, str]]:
    inputs: list[dict[str, Any]] = item.get("inputs") or []
    return item.get("parameters", ""), {
        part["name"]: part["parameters"] for part in inputs if "parameters" in part
    }


def _argument_names(infer: object) -> Sequence[str]:
    code = getattr(infer, "__code__", None)
    if code is not None and not hasattr(infer, "__wrapped__"):
        return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if not callable(infer):
        return ()
    import inspect  # slow to load, and most models are plain functions

    try:
        return tuple(inspect.signature(infer).parameters)
    except (TypeError, ValueError):  # of a kind that does not tell
        return ()
