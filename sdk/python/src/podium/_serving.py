"""Serve mode: announces the model, then answers batches on the main thread until told to stop."""

from __future__ import annotations

import gc
import time
from typing import Any

from ._answers import answer_batch
from ._failures import print_traceback
from ._link import IDLE_SECONDS, Link, tell
from ._model import Model
from ._streams import Streams

COMPLAINT_SECONDS = 1.0


def serve(model: Model, link: Link) -> None:
    """Returns after a `stop` frame, with everything that had arrived before it answered."""
    connection = link.take_over()
    complaints = _Complaints()
    streams = Streams(model, connection.send, complaints.tell)

    def announce() -> None:
        # A runner that was restarted has to learn the signature again, and knows of no stream.
        streams.abandon()
        link.send("ready", {"signature": model.signature})

    def on_frame(meta: dict[str, Any], tail: memoryview) -> None:
        kind = meta.get("type")
        if kind == "batch" and meta["items"][0].get("stream"):
            streams.start(meta, tail)
        elif kind == "batch":
            connection.send(answer_batch(model, meta, tail, complaints.tell))
        elif kind == "cancel":
            streams.cancel(meta["batch"])
        else:
            link.on_frame(meta, tail)

    connection.on_frame = on_frame
    connection.on_connect = announce
    if connection.is_connected:
        announce()
    # The model stays for good: the collector need not walk it again and again between requests.
    gc.collect()
    gc.freeze()
    while link.stop_reason is None:
        # What has not been read holds streams up, so that nothing piles up here.
        connection.pump(0 if streams and not connection.has_pending else IDLE_SECONDS)
        if not connection.is_connected:
            streams.abandon()
        elif not connection.has_pending:
            streams.step()
    streams.abandon()


class _Complaints:
    """Tracebacks of failing requests in the session's log, at most one a second: callers cause them."""

    def __init__(self) -> None:
        self._told_at = float("-inf")
        self._kept_back = 0

    def tell(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._told_at < COMPLAINT_SECONDS:
            self._kept_back += 1
            return
        if self._kept_back:
            tell(f"{self._kept_back} more requests failed since")
        self._told_at, self._kept_back = now, 0
        print_traceback(error)
