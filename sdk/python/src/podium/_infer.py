from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._errors import PodiumError
from ._model import BIND_INFER
from ._parameters import Parameters
from ._session import session


def infer(rows: list[Any], parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """Runs the bound `infer` over `rows` as the platform does, and checks the length of the answer.

    `parameters` are those of a request, for an `infer` that takes them.
    """
    if session.model is None:
        raise PodiumError("No infer function is bound.", BIND_INFER)
    each = [Parameters(parameters) for _ in rows]
    return session.model.predict(list(rows), parameters=each)
