"""Batches that have arrived and not begun."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any


class Batch:
    """A `batch` frame, and the places of the items that nobody waits for any more."""

    __slots__ = ("dropped", "meta", "tail")

    def __init__(self, meta: dict[str, Any], tail: memoryview) -> None:
        self.meta = meta
        self.tail = tail
        self.dropped: set[int] = set()


class Batches:
    """In the order of their arrival. What is cancelled here is never computed."""

    def __init__(self) -> None:
        self._waiting: deque[Batch] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, meta: dict[str, Any], tail: memoryview) -> None:
        self._waiting.append(Batch(meta, tail))

    def drop(self, number: int, items: Sequence[int] | None) -> None:
        """Nobody waits for these items of batch `number` any more; None: for none of them."""
        for batch in self._waiting:
            if batch.meta["batch"] == number:
                batch.dropped.update(range(len(batch.meta["items"])) if items is None else items)

    def take(self) -> Batch:
        """The oldest."""
        return self._waiting.popleft()

    def clear(self) -> None:
        self._waiting.clear()
