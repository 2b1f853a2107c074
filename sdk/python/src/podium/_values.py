"""Values given to `report` and `save`, made fit for the protocol."""

from __future__ import annotations

import json
import math
from typing import Any, Union

LARGEST_EXACT_INTEGER = 2**53
LONGEST_NAME = 250  # as the runner stores it

WireNumber = Union[int, float, str]


def split_values(values: dict[str, object]) -> tuple[dict[str, WireNumber], dict[str, str]]:
    """(numbers to plot, other values as text). NaN and infinities become the protocol's strings.

    Raises `TypeError` naming the key for what is neither a number (numpy and torch scalars count) nor JSON.
    """
    numbers: dict[str, WireNumber] = {}
    info: dict[str, str] = {}
    for key, value in values.items():
        if not 0 < len(key) <= LONGEST_NAME:
            raise TypeError(
                f"{key[:40]}…: a value's name has 1 to {LONGEST_NAME} characters, not {len(key)}."
            )
        plain = value if type(value) in (float, int) else plain_value(key, value)
        if isinstance(plain, (bool, int, float)):
            numbers[key] = wire_number(plain)
        elif isinstance(plain, str):
            info[key] = plain
        else:
            info[key] = _as_json(key, plain)
    return numbers, info


def plain_value(key: str, value: object) -> object:
    """A Python number, string, None, list or dict for `value`. Raises `TypeError` naming `key`."""
    if value is None or isinstance(value, (str, bool, int, float, list, tuple, dict)):
        return value  # pyright: ignore[reportUnknownVariableType]
    scalar: Any = value
    for convert in ("item", "__float__"):
        if hasattr(scalar, convert):
            try:
                return getattr(scalar, convert)()
            except Exception as error:
                raise TypeError(f"{key}: this {type(value).__name__} is not a single number.") from error
    raise TypeError(
        f"{key}: a value of type {type(value).__name__} can't be reported; give a number or a string."
    )


def wire_number(value: int | float) -> WireNumber:
    """`value` as the protocol writes it: "NaN", "Infinity" and "-Infinity" are strings."""
    if isinstance(value, int) and abs(value) <= LARGEST_EXACT_INTEGER:
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def finite_number(key: str, value: object) -> int | float:
    """A finite number, for a step or a checkpoint's metric. Raises `TypeError` naming `key`."""
    plain = plain_value(key, value)
    if isinstance(plain, (int, float)):
        number = wire_number(plain)
        if not isinstance(number, str):
            return number
    raise TypeError(f"{key} must be a finite number, not {value!r}.")


def _as_json(key: str, value: object) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{key}: this {type(value).__name__} is not JSON: {error}") from error
