from __future__ import annotations

from typing import Any, cast


def copy(source: object, target: object) -> None:
    """Copies the items of a dict, or the attributes of an object, over those of `target`."""
    values = _items(source)
    if isinstance(target, dict):
        cast(dict[str, Any], target).update(values)
        return
    for name, value in values.items():
        setattr(target, name, value)


def _items(source: object) -> dict[str, Any]:
    return cast(dict[str, Any], source if isinstance(source, dict) else vars(source))
