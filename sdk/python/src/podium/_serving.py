"""Serve mode: announces the model, then answers batches on the main thread until told to stop."""

from __future__ import annotations

import gc
import time
from typing import Any

from ._answers import answer_batch
from ._batches import Batches
from ._failures import print_traceback
from ._link import IDLE_SECONDS, Link, tell
from ._model import Model
from ._streams import Streams
from ._time_limit import TimeLimit

COMPLAINT_SECONDS = 1.0


def serve(model: Model, link: Link) -> None:
    """Returns after a `stop` frame, with everything that had arrived before it answered."""
    connection = link.take_over()
    complaints = _Complaints()
    streams = Streams(model, connection.send, complaints.tell)
    batches = Batches()
    limit = TimeLimit()

    def announce() -> None:
        # A runner that was restarted has to learn the signature again, and knows of no batch or stream.
        streams.abandon()
        batches.clear()
        link.send("ready", {"signature": model.signature})

    def on_frame(meta: dict[str, Any], tail: memoryview) -> None:
        kind = meta.get("type")
        if kind == "batch" and meta["items"][0].get("stream"):
            streams.start(meta, tail)
        elif kind == "batch":
            batches.add(meta, tail)
        elif kind == "cancel":
            streams.cancel(meta["batch"])
            batches.drop(meta["batch"], meta.get("items"))
        else:
            link.on_frame(meta, tail)

    def answer_next() -> None:
        batch = batches.take()
        connection.send(answer_batch(model, batch, complaints.tell, limit))

    connection.on_frame = on_frame
    connection.on_connect = announce
    if connection.is_connected:
        announce()
    # The model stays for good: the collector need not walk it again and again between requests.
    gc.collect()
    gc.freeze()
    while link.stop_reason is None:
        # What has not been read holds streams up, so that nothing piles up here. A batch that waits is looked
        # past once more before it begins: it may have been cancelled.
        is_busy = batches or (streams and not connection.has_pending)
        connection.pump(0 if is_busy else IDLE_SECONDS)
        if not connection.is_connected:
            streams.abandon()
            batches.clear()
            continue
        if batches:
            answer_next()
        if not connection.has_pending:
            streams.step()
    while batches:
        answer_next()
    streams.abandon()


class _Complaints:
    """Tracebacks of failing requests in the session's log, at most one a second: callers cause them."""

    def __init__(self) -> None:
        self._told_at = float("-inf")
        self._kept_back = 0

    def tell(self, error: BaseException) -> None:
        now = time.monotonic()
        if now - self._told_at < COMPLAINT_SECONDS:
            self._kept_back += 1
            return
        if self._kept_back:
            tell(f"{self._kept_back} more requests failed since")
        self._told_at, self._kept_back = now, 0
        print_traceback(error)
