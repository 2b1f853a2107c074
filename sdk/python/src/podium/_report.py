from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ._evaluate import evaluate_if_asked
from ._save import save_if_asked
from ._session import session
from ._takeover import take_over_if_asked
from ._values import finite_number, split_values


def report(
    step: Any | None = None,
    summary: bool = False,
    scope: Mapping[str, Any] | None = None,
    **values: object,
) -> None:
    """Records values at `step`, the x axis of the plots. Never waits for the platform.

    Numbers (numpy and torch scalars too) are plotted, names group on `/`; texts and JSON values are shown
    beside them. `podium exec` evaluates in `scope`, such as `locals()`. `summary=True`
    marks what lists of sessions show. Raises `TypeError` naming the value that is none of these. Does
    nothing outside the platform, except for that check.
    """
    take_over_if_asked()
    if scope is not None:
        session.scope = scope
    numbers, info = split_values(values)
    fields: dict[str, Any] = {
        "step": None if step is None else finite_number("step", step),
        "wall_time": time.time(),
        "values": numbers,
        "summary": bool(summary),
        "info": info,
    }
    if session.link is not None:
        session.link.send("report", fields)
        save_if_asked()
        evaluate_if_asked()
