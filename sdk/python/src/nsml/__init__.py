"""The NSML interface on Podium: scripts written for NSML run as they are; see sdk/python/README.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union, cast

import podium
from podium._bound_object import is_function

from . import constants as constants
from ._cache import cache
from ._copy import copy
from ._keywords import with_keywords
from ._visdom import Visdom
from .constants import (
    DATASET_NAME,
    DATASET_PATH,
    GPU_NUM,
    HAS_DATASET,
    IS_DATASET,
    IS_ON_NSML,
    MY_RANK,
    NSML_NFS_OUTPUT,
    PARALLEL_PORTS,
    PARALLEL_WORLD,
    SESSION_NAME,
)

Checkpoint = Union[str, int]


def bind(
    save: Callable[..., object] | None = None,
    load: Callable[..., object] | None = None,
    infer: Callable[[Any], Any] | None = None,
    *,
    use_nsml_legacy: object = None,
    **kw: Any,
) -> None:
    """`podium.bind` with an `infer` that is handed the data as it is.

    Keyword arguments are passed on to `save` and `load` where these take them; without functions, they are
    the objects whose state is saved.
    """
    bound: object = save or kw or None
    if save is not None and is_function(save):
        bound = with_keywords(save, kw)
    bound_load = None if load is None else with_keywords(load, kw)
    podium.bind(bound, bound_load, infer, batch=False)


def save(
    checkpoint: Checkpoint | None = None,
    save_fn: Callable[..., object] | None = None,
    *,
    iteration: Checkpoint | None = None,
    **kw: Any,
) -> None:
    """`podium.save`; `iteration` is the older name of `checkpoint`."""
    podium.save(
        iteration if checkpoint is None else checkpoint,
        None if save_fn is None else with_keywords(save_fn, kw),
    )


def load(
    checkpoint: Checkpoint | None = None,
    load_fn: Callable[..., object] | None = None,
    session: str | None = None,
    *,
    iteration: Checkpoint | None = None,
    **kw: Any,
) -> None:
    """`podium.load`; `session` names another session."""
    name = iteration if checkpoint is None else checkpoint
    if name is None:
        raise TypeError("nsml.load() needs the name of a checkpoint.")
    podium.load(name, None if load_fn is None else with_keywords(load_fn, kw), session)


def report(summary: object = False, scope: object = None, *rest: object, **values: Any) -> None:
    """`podium.report`; `a__b` shows as `a/b`, `step` is the x axis, `podium exec` evaluates in `scope`."""
    step = values.pop("step", None)
    named = {name.replace("__", "/"): value for name, value in values.items()}
    # `walltime` is set by the platform, as it was on NSML.
    named.pop("walltime", None)
    names = cast("Mapping[str, Any]", scope) if isinstance(scope, Mapping) else None
    given: dict[str, Any] = {"step": step, "summary": bool(summary), **named, "scope": names}
    podium.report(**given)


def paused(scope: object = None) -> None:
    """`podium.paused`: on submit it loads, infers and does not return; on a fork it loads and returns."""
    podium.paused()


def infer(data: Any) -> Any:
    """The bound `infer` over `data` as it is."""
    return podium.infer([data])[0]


__all__ = [
    "DATASET_NAME",
    "DATASET_PATH",
    "GPU_NUM",
    "HAS_DATASET",
    "IS_DATASET",
    "IS_ON_NSML",
    "MY_RANK",
    "NSML_NFS_OUTPUT",
    "PARALLEL_PORTS",
    "PARALLEL_WORLD",
    "SESSION_NAME",
    "Visdom",
    "bind",
    "cache",
    "constants",
    "copy",
    "infer",
    "load",
    "paused",
    "report",
    "save",
]
