"""The conversation with the runner: outbox, connection and the background thread that moves them."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ._connection import Connection
from ._errors import PodiumError
from ._frames import encode_frame
from ._outbox import Outbox, Reply
from ._process import is_multiprocessing_child
from ._version import VERSION

FLUSH_SECONDS = 30.0
IDLE_SECONDS = 1.0
NOTICE_SECONDS = 30.0
# The runner need not wait for a checkpoint.
NOTHING_TO_SAVE = encode_frame(b'{"type":"nothing_to_save","seq":0}')


class Link:
    """One process's side of the socket. The thread starts with `start`, in a worker with its first frame."""

    def __init__(self, path: str, mode: str) -> None:
        # A script that replaces itself (os.execv) keeps its pid, by which the runner knows what it has.
        self._outbox = Outbox(encode_frame, last_seq=time.monotonic_ns() // 1000)
        hello = {"type": "hello", "seq": 0, "pid": os.getpid(), "mode": mode, "sdk_version": VERSION}
        self._connection = Connection(
            path, encode_frame(json.dumps(hello).encode()), self._outbox, self.on_frame
        )
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop_thread = False
        self._pumped_by_caller = False
        self._told_dropped = 0
        # What `podium exec` sent, until the script comes by; and the answers, until the thread sends them.
        self.asked: deque[tuple[str, str]] = deque()
        self._answers: deque[bytes] = deque()
        self.can_save: Callable[[], bool] = lambda: False
        self.checkpoint_reason: str | None = None
        self.stop_reason: str | None = None

    def start(self) -> None:
        """Starts the background thread, once."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None and not self._pumped_by_caller:
                self._thread = threading.Thread(target=self._run, name="podium", daemon=True)
                self._thread.start()
                if is_multiprocessing_child():
                    from multiprocessing.util import Finalize

                    # Children of multiprocessing end without running atexit; this is their own way out.
                    Finalize(None, self.flush, exitpriority=0)

    def send(self, kind: str, fields: dict[str, Any]) -> None:
        """Queues a frame and returns at once."""
        if kind == "report" and self._outbox.dropped > self._told_dropped:
            self._told_dropped = self._outbox.dropped
            fields["info"] = {**fields["info"], "podium.dropped_reports": str(self._told_dropped)}
        self._outbox.append(kind, fields)
        self._hurry()

    def request(self, kind: str, fields: dict[str, Any]) -> str:
        """Queues a frame and waits for the runner's answer: the path of `loaded`, or "" for an `ack`.

        Raises `PodiumError` with the runner's words when it refuses. Waits as long as the runner is away.
        """
        if self._pumped_by_caller:
            raise PodiumError(f"{kind}() can't be called while the model is being served.")
        reply = Reply()
        self._outbox.append(kind, fields, reply)
        self._hurry()
        while not reply.wait(NOTICE_SECONDS):
            tell(f"still waiting for the platform to answer {kind}()")
        return reply.result()

    def answer(self, fields: dict[str, Any]) -> None:
        """Sends a frame that nobody acknowledges; it is lost if the runner is away."""
        self._answers.append(encode_frame(json.dumps(fields).encode()))
        self._connection.wake()

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Waits until the runner has everything; False (and a line on stderr) when `timeout` s ran out."""
        if self._pumped_by_caller:
            deadline = time.monotonic() + timeout
            while (
                self._outbox.unacknowledged or self._connection.has_pending
            ) and time.monotonic() < deadline:
                self._connection.pump(0.1)
        elif self._outbox.unacknowledged:
            self._outbox.wait_until_empty(timeout)
        left = self._outbox.unacknowledged
        if left:
            tell(f"{left} records were not acknowledged within {timeout:g} seconds and may be lost")
        return left == 0

    def take_over(self) -> Connection:
        """Stops the background thread; from now on the caller pumps the connection."""
        with self._starting:
            self._pumped_by_caller = True
        if self._thread is not None:
            self._stop_thread = True
            self._connection.wake()
            self._thread.join()
        return self._connection

    def abandon(self) -> None:
        """In a forked child: lets go of the parent's socket. Takes no lock; the parent may have held it."""
        self._connection.abandon()

    def _hurry(self) -> None:
        self.start()
        self._connection.wake()

    def _run(self) -> None:
        while not self._stop_thread:
            while self._answers:
                self._connection.send(self._answers.popleft())
            self._connection.pump(IDLE_SECONDS)

    def on_frame(self, meta: dict[str, Any], tail: memoryview) -> None:
        """Handles every frame but `batch`; an unknown type is from a newer runner and means nothing here."""
        kind = meta.get("type")
        if kind == "ack":
            self._outbox.acknowledge(meta["seq"])
        elif kind == "loaded":
            self._outbox.answer(meta["seq"], path=meta["path"])
        elif kind == "nack":
            message = str(meta.get("message", "refused"))
            if not self._outbox.answer(meta["seq"], refusal=message):
                tell(f"the platform refused a record: {message}")
        elif kind == "exec":
            self.asked.append((str(meta.get("id", "")), str(meta.get("code", ""))))
        elif kind in ("checkpoint", "stop"):
            self.checkpoint_reason = str(meta.get("reason", ""))
            if kind == "stop":
                self.stop_reason = self.checkpoint_reason
            if not self.can_save():
                self._connection.send(NOTHING_TO_SAVE)


def tell(line: str) -> None:
    """One line for the session's log."""
    with contextlib.suppress(OSError, ValueError):
        print(f"[podium] {line}", file=sys.stderr, flush=True)
