"""Ends a call of `infer` that does not come back: a row on which it hangs costs only its own caller."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any


class TookTooLong(BaseException):
    """Raised inside `infer` when its time is up. Not an `Exception`: models catch those."""


class TimeLimit:
    """The alarm of this process; where a script uses that itself, or off the main thread, there is none.

    Python code, sleeps and waits are interrupted. Native code is not, before it comes back: the runner
    watches that.
    """

    def __init__(self) -> None:
        self._armed = False
        is_main = threading.current_thread() is threading.main_thread()
        self._works = is_main and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
        if self._works:
            signal.signal(signal.SIGALRM, self._ring)

    @contextmanager
    def within(self, seconds: float | None) -> Generator[None, None, None]:
        """Raises `TookTooLong` in its body after so many seconds; None: never."""
        if not self._works or seconds is None:
            yield
            return
        self._armed = True
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
        try:
            yield
        finally:
            # An alarm that rings between here and the next line finds nothing to end.
            self._armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise TookTooLong


class BatchClock:
    """What time a batch has: all of it together, half of what is left for each item that is tried alone."""

    def __init__(self, limit: TimeLimit, meta: dict[str, Any]) -> None:
        self._limit = limit
        self._together_ms: float | None = meta.get("together_ms", meta.get("time_ms"))
        time_ms: float | None = meta.get("time_ms")
        self._ends_at = None if time_ms is None else time.monotonic() + time_ms / 1000

    def together(self) -> AbstractContextManager[None]:
        return self._limit.within(None if self._together_ms is None else self._together_ms / 1000)

    def alone(self, is_last: bool) -> AbstractContextManager[None]:
        if self._ends_at is None:
            return self._limit.within(None)
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TookTooLong
        return self._limit.within(left if is_last else left / 2)
