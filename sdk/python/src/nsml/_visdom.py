from __future__ import annotations

from collections.abc import Callable


class Visdom:
    """Stands in for NSML's Visdom client: takes every call, records nothing. Use `report` for plots."""

    def __init__(self, visdom: object = None, **options: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _record_nothing


def _record_nothing(*values: object, **options: object) -> str:
    return ""
