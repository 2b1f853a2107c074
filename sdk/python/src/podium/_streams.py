"""Answers that are sent piece by piece: what a generator yields, in turns with other streams and batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any, cast

from ._answers import OnError, describe, error_body, microseconds_since, result_frame
from ._frames import encode_frame
from ._json import strict_encoder
from ._model import Model
from ._parameters import read_parameters
from ._requests import read_requests


class Streams:
    """The streamed answers under way. Between two pieces of one, others have a turn, and batches."""

    def __init__(self, model: Model, send: Callable[[bytes], None], on_error: OnError) -> None:
        self._model = model
        self._send = send
        self._on_error = on_error
        self._active: dict[int, Generator[Any, Any, Any]] = {}
        # When each stream that has no piece yet came, by `time.perf_counter_ns`.
        self._waiting: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._active)

    def start(self, meta: dict[str, Any], tail: memoryview) -> None:
        """Calls `infer` for the one item of a `batch` frame. What is no generator is a single piece."""
        batch: int = meta["batch"]
        self._waiting[batch] = time.perf_counter_ns()
        requests = read_requests(meta["items"], tail, None)
        for rejected in requests.rejected.values():
            self._end(batch, rejected.status, str(rejected))
            return
        try:
            parameters = None
            if self._model.parameters != "none":
                parameters = read_parameters(meta["items"], [len(requests.rows)])
            (prediction,) = self._model.predict(requests.rows, parameters=parameters)
            if isinstance(prediction, GeneratorType):
                self._active[batch] = cast("Generator[Any, Any, Any]", prediction)
                return
            self._send_piece(batch, prediction)
        except Exception as error:
            self._fail(batch, error)
            return
        self._end(batch)

    def step(self) -> None:
        """One piece of each stream."""
        for batch, pieces in list(self._active.items()):
            try:
                self._send_piece(batch, next(pieces))
            except StopIteration:
                self._active.pop(batch, None)
                self._end(batch)
            except Exception as error:
                self._active.pop(batch, None)
                self._fail(batch, error)

    def cancel(self, batch: int) -> None:
        """Nobody waits for this one any more: its generator is closed where it is."""
        pieces = self._active.pop(batch, None)
        if pieces is not None:
            self._close(pieces)
            self._end(batch)

    def abandon(self) -> None:
        """The runner has gone, and with it everybody who waited; or this process ends."""
        while self._active:
            _, pieces = self._active.popitem()
            self._close(pieces)
        self._waiting.clear()

    def _close(self, pieces: Generator[Any, Any, Any]) -> None:
        try:
            pieces.close()
        except Exception as error:
            self._on_error(error)

    def _send_piece(self, batch: int, piece: Any) -> None:
        tail = strict_encoder.encode(piece).encode()
        started = self._waiting.pop(batch, None)
        compute = "" if started is None else f',"compute_us":{microseconds_since(started)}'
        self._send(encode_frame(f'{{"type":"chunk","batch":{batch}{compute}}}'.encode(), tail))

    def _fail(self, batch: int, error: Exception) -> None:
        self._on_error(error)
        self._end(batch, 422, describe(error))

    def _end(self, batch: int, status: int = 200, message: str | None = None) -> None:
        self._waiting.pop(batch, None)
        self._send(result_frame(batch, [status], ["" if message is None else error_body(message)]))
