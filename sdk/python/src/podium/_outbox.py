"""Frames that the runner has not acknowledged yet."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from ._errors import PodiumError

LIMIT_BYTES = 64 * 1024 * 1024

# Only these may be given up when the limit is reached; everything else is rare and must arrive.
_DROPPABLE = frozenset({"report", "progress"})


class Reply:
    """What the runner said to one frame: a path (`loaded`), an empty string (`ack`) or a refusal (`nack`)."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self.path = ""
        self.refusal: str | None = None

    def wait(self, timeout: float) -> bool:
        return self._done.wait(timeout)

    def resolve(self, path: str = "", refusal: str | None = None) -> None:
        self.path = path
        self.refusal = refusal
        self._done.set()

    def result(self) -> str:
        if self.refusal is not None:
            raise PodiumError(self.refusal)
        return self.path


class _Record:
    __slots__ = ("frame", "kind", "reply", "seq")

    def __init__(self, seq: int, kind: str, frame: bytes, reply: Reply | None) -> None:
        self.seq = seq
        self.kind = kind
        self.frame = frame
        self.reply = reply


class Outbox:
    """An ordered, bounded queue shared by the script's threads and the one that sends.

    A frame is unsent, then sent, then gone once acknowledged; `rewind` (after a reconnect) makes all that is
    left unsent again. Above `limit_bytes` the oldest reports are dropped and counted in `dropped`. Frames are
    numbered from `last_seq` + 1.
    """

    def __init__(
        self, encode: Callable[[bytes], bytes], limit_bytes: int = LIMIT_BYTES, last_seq: int = 0
    ) -> None:
        self._encode = encode
        self._limit_bytes = limit_bytes
        # A Condition's lock is re-entrant, so a signal handler may flush in the middle of an append.
        self._changed = threading.Condition()
        self._sent: deque[_Record] = deque()
        self._unsent: deque[_Record] = deque()
        self._seq = last_seq
        self._bytes = 0
        self.dropped = 0

    def append(self, kind: str, fields: dict[str, Any], reply: Reply | None = None) -> None:
        """Queues one frame; `fields` must be JSON without NaN. Never waits for the runner."""
        rest = json.dumps({"type": kind, **fields}, allow_nan=False, separators=(",", ":"))[1:].encode()
        with self._changed:
            self._seq += 1
            frame = self._encode(b'{"seq":%d,%b' % (self._seq, rest))
            self._unsent.append(_Record(self._seq, kind, frame, reply))
            self._bytes += len(frame)
            if self._bytes > self._limit_bytes:
                self._drop_oldest()

    @property
    def has_unsent(self) -> bool:
        return bool(self._unsent)

    @property
    def unacknowledged(self) -> int:
        return len(self._sent) + len(self._unsent)

    def take(self, max_bytes: int) -> bytes:
        """Moves frames from unsent to sent and returns their bytes: at least one frame, or b"" if none."""
        frames: list[bytes] = []
        size = 0
        with self._changed:
            while self._unsent and size < max_bytes:
                record = self._unsent.popleft()
                self._sent.append(record)
                frames.append(record.frame)
                size += len(record.frame)
        return b"".join(frames)

    def rewind(self) -> None:
        with self._changed:
            self._sent.extend(self._unsent)
            self._sent, self._unsent = deque(), self._sent

    def acknowledge(self, seq: int) -> None:
        """Everything up to `seq` is on the runner's disk. A `load` stays: it waits for its path."""
        with self._changed:
            loads: list[_Record] = []
            for queue in (self._sent, self._unsent):
                while queue and queue[0].seq <= seq:
                    record = queue.popleft()
                    if record.kind == "load":
                        loads.append(record)
                        continue
                    self._forget(record)
                    if record.reply is not None:
                        record.reply.resolve()
            self._sent.extendleft(reversed(loads))
            self._changed.notify_all()

    def answer(self, seq: int, path: str = "", refusal: str | None = None) -> bool:
        """The runner's word on one frame; False when nobody waits for it."""
        with self._changed:
            for queue in (self._sent, self._unsent):
                for record in queue:
                    if record.seq == seq:
                        queue.remove(record)
                        self._forget(record)
                        self._changed.notify_all()
                        if record.reply is None:
                            return False
                        record.reply.resolve(path, refusal)
                        return True
        return False

    def wait_until_empty(self, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.unacknowledged == 0, timeout)

    def _forget(self, record: _Record) -> None:
        self._bytes -= len(record.frame)

    def _drop_oldest(self) -> None:
        for queue in (self._sent, self._unsent):
            index = 0
            while self._bytes > self._limit_bytes and index < len(queue):
                if queue[index].kind in _DROPPABLE:
                    self._forget(queue[index])
                    del queue[index]
                    self.dropped += 1
                else:
                    index += 1
