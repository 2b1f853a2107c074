"""The frames between SDK and runner: `u32 length | u32 length of the JSON | JSON | tail`, little-endian."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

MAX_FRAME_BYTES = 256 * 1024 * 1024
READ_BYTES = 1024 * 1024
KEEP_BYTES = 16 * READ_BYTES  # a buffer that one large frame made longer than this is given back

_HEADER = struct.Struct("<II")


class FrameError(Exception):
    """The stream is not a frame stream; the connection is of no use any more."""


def encode_frame(meta: bytes, tail: bytes = b"") -> bytes:
    """One frame around `meta` (JSON, UTF-8) and the raw bytes of `tail`."""
    return b"".join((_HEADER.pack(4 + len(meta) + len(tail), len(meta)), meta, tail))


class FrameReader:
    """Cuts what arrives on a socket into frames, without copying their tails.

    A tail is a view into the reader's buffer: it is good until the next `receive`.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(READ_BYTES)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0

    def clear(self) -> None:
        """Forgets what is left of the stream."""
        self._start = self._end = 0

    def receive(self, source: socket.socket) -> int:
        """Reads once from `source`; the number of bytes read, 0 at the end of the stream."""
        self._make_room()
        count = source.recv_into(self._view[self._end :])
        self._end += count
        return count

    def next(self) -> tuple[dict[str, Any], memoryview] | None:
        """The next whole frame, or None when more bytes are needed. Raises `FrameError`."""
        available = self._end - self._start
        if available < 8:
            return None
        length, meta_length = _HEADER.unpack_from(self._buffer, self._start)
        if length > MAX_FRAME_BYTES or meta_length > length - 4:
            raise FrameError(f"a frame of {length} bytes with {meta_length} bytes of JSON is not allowed")
        if available < 4 + length:
            return None
        meta_start = self._start + 8
        meta_end = meta_start + meta_length
        self._start += 4 + length
        return _parse(self._view[meta_start:meta_end]), self._view[meta_end : self._start]

    def _make_room(self) -> None:
        if self._start == self._end:
            self._start = self._end = 0
            if len(self._buffer) > KEEP_BYTES:
                self._buffer = bytearray(READ_BYTES)
                self._view = memoryview(self._buffer)
        needed = READ_BYTES // 4
        if self._end - self._start >= 4:
            (length,) = struct.unpack_from("<I", self._buffer, self._start)
            needed = max(needed, 4 + min(length, MAX_FRAME_BYTES) - (self._end - self._start))
        if len(self._buffer) - self._end >= needed:
            return
        # A new buffer, not a resized one: tails handed out may still look into the old one.
        rest = self._view[self._start : self._end]
        self._buffer = bytearray(max(READ_BYTES, len(rest) + needed + READ_BYTES // 4))
        self._buffer[: len(rest)] = rest
        self._view = memoryview(self._buffer)
        self._start, self._end = 0, len(rest)


def _parse(meta: memoryview) -> dict[str, Any]:
    try:
        value: Any = json.loads(str(meta, "utf-8"))
    except ValueError as error:
        raise FrameError("the frame's header is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError("the frame's header is not a JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]
