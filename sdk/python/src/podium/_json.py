"""JSON of what models answer: numpy and torch values become plain ones, NaN never gets out as bare NaN."""

from __future__ import annotations

import json
import math
from types import GeneratorType
from typing import Any, cast


def plain(value: object) -> object:
    """For `json`: an array or scalar of numpy, torch, pandas as lists and numbers; what a generator yields.

    Raises `TypeError`, or as the generator does.
    """
    if isinstance(value, GeneratorType):
        # An answer that could be streamed, for a caller who wants it whole.
        pieces: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return "".join(pieces) if all(isinstance(piece, str) for piece in pieces) else pieces
    for convert in ("tolist", "item"):
        method = getattr(value, convert, None)
        if callable(method):
            return method()
    if isinstance(value, (set, frozenset)):
        members: set[Any] = set(value)  # pyright: ignore[reportUnknownArgumentType]
        return list(members)
    raise TypeError(f"A prediction of type {type(value).__name__} can't be written as JSON.")


strict_encoder = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=plain)

# No line break occurs inside encoded scalars, so it tells the elements of a flat list apart.
flat_encoder = json.JSONEncoder(allow_nan=False, separators=("\n", ":"), default=plain)


def encode_with_nan(value: object) -> str:
    """JSON text; NaN and infinities become the strings "NaN", "Infinity", "-Infinity"."""
    try:
        return strict_encoder.encode(value)
    except ValueError:
        loose: Any = json.loads(json.dumps(value, default=plain))
        return strict_encoder.encode(_without_nan(loose))


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        items = cast(list[Any], value)
        return [_without_nan(item) for item in items]
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {key: _without_nan(item) for key, item in fields.items()}
    return value
