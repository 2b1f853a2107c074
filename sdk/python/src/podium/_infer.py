from __future__ import annotations

from typing import Any

from ._errors import PodiumError
from ._model import BIND_INFER
from ._session import session


def infer(rows: list[Any]) -> list[Any]:
    """Runs the bound `infer` over `rows` as the platform does, and checks the length of the answer."""
    if session.model is None:
        raise PodiumError("No infer function is bound.", BIND_INFER)
    return session.model.predict(list(rows))
