"""Where the interpreter calls back: uncaught exceptions, the end of the script, SIGTERM, fork."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from types import FrameType, TracebackType

from ._session import session
from ._takeover import report_failure, take_over_if_asked

TERMINATION_FLUSH_SECONDS = 5.0

_earlier_excepthook = sys.excepthook


def install_hooks() -> None:
    """Once, on the platform only."""
    if session.link is not None and session.is_main_process:
        # Not later: at the end of the script Python 3.12 refuses to start a thread.
        session.link.start()
    sys.excepthook = _on_uncaught
    atexit.register(_at_exit)
    os.register_at_fork(after_in_child=_after_fork_in_child)
    on_main_thread = threading.current_thread() is threading.main_thread()
    if on_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_termination)


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    session.has_crashed = True
    if session.is_main_process and not isinstance(error, KeyboardInterrupt):
        # The author must see the traceback even if reporting it goes wrong.
        with contextlib.suppress(Exception):
            report_failure(error)
            if session.link is not None:
                session.link.flush()
    _earlier_excepthook(kind, error, trace)


def _at_exit() -> None:
    """The script ended without `paused`, `report` or `save`: infer and serve mode take over here.

    Python 3.12 and later start no threads at this point; that is why `paused()` is the recommended way.
    """
    if session.has_crashed:
        return
    take_over_if_asked()
    if session.link is not None:
        session.link.flush()


def _on_termination(number: int, frame: FrameType | None) -> None:
    """Sends what is queued, then lets SIGTERM do what it always does."""
    if session.link is not None:
        session.link.flush(TERMINATION_FLUSH_SECONDS)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _after_fork_in_child() -> None:
    session.after_fork_in_child()
    with contextlib.suppress(ValueError):
        if signal.getsignal(signal.SIGTERM) is _on_termination:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
