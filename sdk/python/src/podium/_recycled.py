"""Memory that is used again: fresh memory costs several times what copying into it does."""

from __future__ import annotations

import sys

KEEP_BYTES = 24 * 1024 * 1024  # what one large request needed beyond this is given back


class Memory:
    """Bytes that others may look into, through memoryviews and arrays made of them."""

    def __init__(self, size: int) -> None:
        self.buffer = bytearray(size)

    def is_free(self) -> bool:
        """Nobody looks into it: each who does holds a reference to the buffer."""
        return sys.getrefcount(self.buffer) <= _REFERENCES_WHEN_FREE


_untouched = Memory(0)
_REFERENCES_WHEN_FREE = sys.getrefcount(_untouched.buffer)


class Copies:
    """Copies in memory that is used again; each is good for as long as anybody looks into it."""

    def __init__(self) -> None:
        self._memory = Memory(0)

    def of(self, source: memoryview) -> memoryview:
        """The bytes of `source`, which may be written to without changing it."""
        size = len(source)
        if size > KEEP_BYTES:
            return memoryview(bytearray(source))
        if len(self._memory.buffer) < size or not self._memory.is_free():
            self._memory = Memory(size)
        view = memoryview(self._memory.buffer)[:size]
        view[:] = source
        return view
