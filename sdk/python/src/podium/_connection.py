"""The socket to the runner: connects, reconnects, sends what is queued, hands over what arrives.

One thread at a time calls `pump`: the background thread of `_link`, or the main thread while it serves.
Everything else may be called by any thread only where it says so.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from ._frames import FrameError, FrameReader
from ._outbox import Outbox

FIRST_BACKOFF_SECONDS = 0.05
LONGEST_BACKOFF_SECONDS = 2.0
WRITE_BYTES = 256 * 1024

FrameHandler = Callable[[dict[str, Any], memoryview], None]


class Connection:
    def __init__(self, path: str, hello: bytes, outbox: Outbox, on_frame: FrameHandler) -> None:
        self._path = path
        self._hello = hello
        self._outbox = outbox
        self.on_frame = on_frame
        self.on_connect: Callable[[], None] | None = None
        self._socket: socket.socket | None = None
        self._reader = FrameReader()
        self._pending = memoryview(b"")
        self._backoff_seconds = FIRST_BACKOFF_SECONDS
        self._woken = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    @property
    def has_pending(self) -> bool:
        return bool(self._pending) and self._socket is not None

    def wake(self) -> None:
        """Any thread: ends the current wait of `pump`, because there is something to send or to stop."""
        if not self._woken:
            self._woken = True
            with contextlib.suppress(OSError):
                self._wake_out.send(b"\0")

    def abandon(self) -> None:
        """Closes this process's copy of the descriptors; a forked child must not use its parent's."""
        for end in (self._socket, self._wake_in, self._wake_out):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()
        self._socket = None

    def pump(self, timeout: float) -> None:
        """One turn: (re)connects, writes what is queued, waits up to `timeout` s, dispatches what came."""
        if self._socket is None and not self._connect(timeout):
            return
        self._write_outbox()
        if self._socket is None or not self._wait(self._socket, timeout):
            return
        self._dispatch()

    def send(self, frame: bytes) -> None:
        """Sends a frame that is not acknowledged. It is lost with the connection; the runner asks again."""
        if self._socket is None:
            return
        self._pending = memoryview(b"".join((self._pending, frame)) if self._pending else frame)
        self._write_pending()

    def _connect(self, timeout: float) -> bool:
        attempt = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            attempt.connect(self._path)
        except OSError:
            attempt.close()
            time.sleep(min(self._backoff_seconds, timeout))
            self._backoff_seconds = min(self._backoff_seconds * 2, LONGEST_BACKOFF_SECONDS)
            return False
        attempt.setblocking(False)
        self._socket = attempt
        self._reader.clear()
        self._pending = memoryview(self._hello)
        self._outbox.rewind()
        if self.on_connect is not None:
            self.on_connect()
        return True

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._reader.clear()
        time.sleep(FIRST_BACKOFF_SECONDS)

    def _write_outbox(self) -> None:
        while self._write_pending() and self._outbox.has_unsent:
            self._pending = memoryview(self._outbox.take(WRITE_BYTES))

    def _write_pending(self) -> bool:
        """True when all of it is out, False when the runner must read first or the connection broke."""
        while self._pending:
            if self._socket is None:
                return False
            try:
                self._pending = self._pending[self._socket.send(self._pending) :]
            except BlockingIOError:
                return False
            except OSError:
                self._disconnect()
                return False
        return True

    def _wait(self, connected: socket.socket, timeout: float) -> bool:
        """Waits for bytes from the runner, room to write, or `wake`; True when there are bytes to read."""
        poll = select.poll()
        poll.register(connected, select.POLLIN | (select.POLLOUT if self._pending else 0))
        poll.register(self._wake_in, select.POLLIN)
        readable = False
        for descriptor, events in poll.poll(timeout * 1000):
            if descriptor == connected.fileno():
                readable = bool(events & ~select.POLLOUT)
            else:
                self._wake_in.recv(4096)
                self._woken = False
        return readable

    def _dispatch(self) -> None:
        connected = self._socket
        if connected is None:
            return
        try:
            if self._reader.receive(connected) == 0:
                self._disconnect()
                return
        except BlockingIOError:
            return
        except OSError:
            self._disconnect()
            return
        self._backoff_seconds = FIRST_BACKOFF_SECONDS
        while self._socket is connected:
            try:
                frame = self._reader.next()
            except FrameError:
                self._disconnect()
                return
            if frame is None:
                return
            self.on_frame(*frame)
