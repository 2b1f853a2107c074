from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_keywords(function: Callable[..., object], given: dict[str, Any]) -> Callable[[str], object]:
    """`function(path, **given)` as `function(path)`; functions that take the path only get no more."""
    import inspect  # not above: a script's first line does not wait for it

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        names = {parameter.name for parameter in parameters}
        given = {name: value for name, value in given.items() if name in names}
    return lambda path: function(path, **given)
