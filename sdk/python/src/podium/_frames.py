"""The frames between SDK and runner: `u32 length | u32 length of the JSON | JSON | tail`, little-endian."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from ._recycled import KEEP_BYTES, Memory

MAX_FRAME_BYTES = 256 * 1024 * 1024
READ_BYTES = 1024 * 1024

_HEADER = struct.Struct("<II")


class FrameError(Exception):
    """The stream is not a frame stream; the connection is of no use any more."""


def encode_frame(meta: bytes, tail: bytes = b"") -> bytes:
    """One frame around `meta` (JSON, UTF-8) and the raw bytes of `tail`."""
    return b"".join((_HEADER.pack(4 + len(meta) + len(tail), len(meta)), meta, tail))


class FrameReader:
    """Cuts what arrives on a socket into frames, without copying their tails.

    A tail is a view into the reader's buffer, which is not used again while anybody looks into it.
    """

    def __init__(self) -> None:
        self._memory = Memory(READ_BYTES)
        self._view = memoryview(self._memory.buffer)
        self._start = 0
        self._end = 0

    def clear(self) -> None:
        """Forgets what is left of the stream."""
        self._start = self._end = 0

    def receive(self, source: socket.socket) -> int:
        """Reads once from `source`; the number of bytes read, 0 at the end of the stream."""
        self._make_room()
        count = source.recv_into(self._view[self._end : self._stop()])
        self._end += count
        return count

    def next(self) -> tuple[dict[str, Any], memoryview] | None:
        """The next whole frame, or None when more bytes are needed. Raises `FrameError`."""
        available = self._end - self._start
        if available < 8:
            return None
        length, meta_length = _HEADER.unpack_from(self._view, self._start)
        if length > MAX_FRAME_BYTES or meta_length > length - 4:
            raise FrameError(f"a frame of {length} bytes with {meta_length} bytes of JSON is not allowed")
        if available < 4 + length:
            return None
        meta_start = self._start + 8
        meta_end = meta_start + meta_length
        self._start += 4 + length
        return _parse(self._view[meta_start:meta_end]), self._view[meta_end : self._start]

    def _stop(self) -> int:
        """Where to stop reading: at a large frame's end, so that the next begins at the buffer's start."""
        room = len(self._view)
        if self._end - self._start < 4:
            return room
        (length,) = struct.unpack_from("<I", self._view, self._start)
        return min(room, self._start + 4 + length) if length > READ_BYTES // 4 else room

    def _begin_anew(self) -> None:
        """At the buffer's start; in another one where somebody still looks into this."""
        self._start = self._end = 0
        del self._view
        if len(self._memory.buffer) > KEEP_BYTES or not self._memory.is_free():
            self._memory = Memory(READ_BYTES)
        self._view = memoryview(self._memory.buffer)

    def _make_room(self) -> None:
        if self._start == self._end:
            self._begin_anew()
        needed = READ_BYTES // 4
        if self._end - self._start >= 4:
            (length,) = struct.unpack_from("<I", self._view, self._start)
            needed = max(needed, 4 + min(length, MAX_FRAME_BYTES) - (self._end - self._start))
        if len(self._view) - self._end >= needed:
            return
        # A new buffer, not a resized one: tails handed out may still look into the old one.
        rest = self._view[self._start : self._end]
        self._memory = Memory(max(READ_BYTES, len(rest) + needed + READ_BYTES // 4))
        self._view = memoryview(self._memory.buffer)
        self._view[: len(rest)] = rest
        self._start, self._end = 0, len(rest)


def _parse(meta: memoryview) -> dict[str, Any]:
    try:
        value: Any = json.loads(str(meta, "utf-8"))
    except ValueError as error:
        raise FrameError("the frame's header is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError("the frame's header is not a JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]
