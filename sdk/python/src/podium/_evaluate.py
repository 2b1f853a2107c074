"""Code that somebody has sent with `podium exec`: evaluated on the main thread, where the script comes by."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from typing import Any

from ._session import session

LONGEST_TEXT = 64 * 1024


def evaluate_if_asked() -> None:
    """Answers what was sent since the last call; the script goes on whatever comes of it."""
    link = session.link
    while link is not None and link.asked and session.on_main_thread():
        number, code = link.asked.popleft()
        ok, text = evaluate(code, session.scope)
        link.answer({"type": "executed", "seq": 0, "id": number, "ok": ok, "text": text})


def evaluate(code: str, scope: Mapping[str, Any] | None) -> tuple[bool, str]:
    """Whether it went well, and what it printed with the value's repr behind it, or with the traceback."""
    module = vars(sys.modules["__main__"])
    names: Any = module if scope is None else scope
    printed = io.StringIO()
    ok = True
    with contextlib.redirect_stdout(printed):
        try:
            value = _run(code, module, names)
            if value is not None:
                print(repr(value))
        except BaseException as error:
            ok = False
            import traceback  # not above: a script's first line does not wait for it

            trace = error.__traceback__.tb_next if error.__traceback__ else None
            printed.write("".join(traceback.format_exception(type(error), error, trace)))
    text = printed.getvalue()
    return ok, text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…\n"


def _run(code: str, module: dict[str, Any], names: Any) -> object:
    try:
        expression = compile(code, "<podium exec>", "eval")
    except SyntaxError:
        exec(compile(code, "<podium exec>", "exec"), module, names)
        return None
    return eval(expression, module, names)
