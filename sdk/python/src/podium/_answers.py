"""A batch's items in, its `result` frame out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Callable, Union

from ._batches import Batch
from ._errors import PodiumError
from ._frames import encode_frame
from ._json import flat_encoder, strict_encoder
from ._model import Model
from ._outputs import Outputs, write_outputs
from ._parameters import are_equal, read_parameters
from ._recycled import Copies
from ._requests import SINGLE, Rejected, Requests, read_requests
from ._tensors import LARGE_BYTES
from ._time_limit import BatchClock, TimeLimit, TookTooLong

LONGEST_MESSAGE = 500
TOO_LONG = "The model did not come back in time from this request and was interrupted."
GONE = 499  # of an item that nobody waits for: it was not computed
# What `infer` sees of large batches: it may change its rows, and what came must stay for a second attempt.
_changeable = Copies()
_SCALARS = frozenset({int, float, bool, str, type(None)})
_CONTAINERS = frozenset({dict, list})

# JSON text, all of it ASCII, so its length in characters is its length in bytes; or raw tensors.
Body = Union[str, Outputs]
OnError = Callable[[BaseException], None]


def answer_batch(model: Model, batch: Batch, on_error: OnError, limit: TimeLimit) -> bytes:
    """The frame that answers a `batch` frame: one `infer` over all rows, or item by item when that fails.

    `on_error` sees what `infer` raised; the caller of an item gets its class and message.
    """
    started = time.perf_counter_ns()
    items: Sequence[dict[str, Any]] = batch.meta["items"]
    clock = BatchClock(limit, batch.meta)
    if not batch.dropped:
        answered = _answer(model, items, batch.tail, on_error, clock)
        return result_frame(batch.meta["batch"], *answered, compute_us=microseconds_since(started))
    bodies = _bodies_of(items, batch.tail)
    wanted = [index for index in range(len(items)) if index not in batch.dropped]
    # What is left lies apart in the tail.
    tail = memoryview(b"".join(bodies[index] for index in wanted))
    left = [items[index] for index in wanted]
    statuses: list[int] = []
    answers: list[Body] = []
    if left:
        statuses, answers = _answer(model, left, tail, on_error, clock)
    whole = _with_gaps(len(items), wanted, statuses, answers)
    return result_frame(batch.meta["batch"], *whole, compute_us=microseconds_since(started))


def _bodies_of(items: Sequence[dict[str, Any]], tail: memoryview) -> list[memoryview]:
    bodies: list[memoryview] = []
    position = 0
    for item in items:
        bodies.append(tail[position : position + item["length"]])
        position += item["length"]
    return bodies


def _with_gaps(
    count: int, wanted: Sequence[int], statuses: list[int], bodies: list[Body]
) -> tuple[list[int], list[Body]]:
    """The answers in their places, and something in those of the items that nobody waits for."""
    all_statuses: list[int] = [GONE] * count
    all_bodies: list[Body] = [""] * count
    for index, status, body in zip(wanted, statuses, bodies):
        all_statuses[index], all_bodies[index] = status, body
    return all_statuses, all_bodies


def _answer(
    model: Model, items: Sequence[dict[str, Any]], tail: memoryview, on_error: OnError, clock: BatchClock
) -> tuple[list[int], list[Body]]:
    declared = model.signature if model.declares_signature else None
    is_one_call = model.parameters != "shared" or are_equal(items)
    answers = None
    if len(items) > 1 and is_one_call:
        own = _changeable.of(tail) if len(tail) >= LARGE_BYTES else tail
        answers = _answer_together(model, items, read_requests(items, own, declared), clock)
    return answers or _answer_alone(model, items, tail, on_error, clock)


def microseconds_since(started: int) -> int:
    """`started` is of `time.perf_counter_ns`."""
    return (time.perf_counter_ns() - started) // 1000


def _answer_together(
    model: Model, items: Sequence[dict[str, Any]], requests: Requests, clock: BatchClock
) -> tuple[list[int], list[Body]] | None:
    """(statuses, bodies), or None when something went wrong that belongs to some item."""
    try:
        with clock.together():
            predictions = _predict(model, items, requests)
            bodies = _bodies(model, requests, predictions)
    except (Exception, TookTooLong):
        return None
    statuses = [200] * len(bodies)
    for index, rejected in requests.rejected.items():
        statuses[index], bodies[index] = rejected.status, error_body(str(rejected))
    return statuses, bodies


def _answer_alone(
    model: Model, items: Sequence[dict[str, Any]], tail: memoryview, on_error: OnError, clock: BatchClock
) -> tuple[list[int], list[Body]]:
    """Each item by itself, decoded anew: the failed attempt may have changed the rows."""
    declared = model.signature if model.declares_signature else None
    statuses: list[int] = []
    bodies: list[Body] = []
    for item, own in zip(items, _bodies_of(items, tail)):
        requests = read_requests([item], own, declared)
        try:
            for rejected in requests.rejected.values():
                raise rejected
            with clock.alone(is_last=len(bodies) == len(items) - 1):
                predictions = _predict(model, [item], requests)
                body = _bodies(model, requests, predictions)[0]
            bodies.append(body)
            statuses.append(200)
        except Rejected as rejected:
            statuses.append(rejected.status)
            bodies.append(error_body(str(rejected)))
        except TookTooLong as error:
            on_error(error)
            statuses.append(422)
            bodies.append(error_body(TOO_LONG))
        except Exception as error:
            on_error(error)
            statuses.append(422)
            bodies.append(error_body(describe(error)))
    return statuses, bodies


def _predict(model: Model, items: Sequence[dict[str, Any]], requests: Requests) -> Any:
    if not requests.rows:
        return []
    parameters = None
    if model.parameters != "none":
        parameters = read_parameters(items, [abs(count) for count in requests.counts])
    return model.predict(requests.rows, keep_array=bool(requests.tensors), parameters=parameters)


def _bodies(model: Model, requests: Requests, predictions: Any) -> list[Body]:
    """What is answered to each item."""
    counts = requests.counts
    if len(predictions) == len(counts) and counts.count(SINGLE) == len(counts):
        return _encode_each(predictions)
    bodies: list[Body] = []
    position = 0
    for index, count in enumerate(counts):
        size = 1 if count == SINGLE else count
        own = predictions[position : position + size]
        position += size
        if index in requests.tensors:
            bodies.append(write_outputs(own, model.signature, model.declares_signature))
        elif count == SINGLE:
            bodies.append(strict_encoder.encode(own[0]))
        else:
            bodies.append(strict_encoder.encode(own))
    return bodies


def _encode_each(predictions: list[Any]) -> list[Body]:
    """Each as JSON. Flat ones of one kind are encoded in one go and cut apart, which is faster."""
    kinds = set(map(type, predictions))
    if predictions and kinds <= _SCALARS:
        return [*flat_encoder.encode(predictions)[1:-1].split("\n")]
    if len(kinds) == 1 and kinds <= _CONTAINERS:
        lines = flat_encoder.encode(predictions)[1:-1].split("\n")
        sizes = list(map(len, predictions))
        # A line for each member; more where one is not flat, or empty.
        if len(lines) == sum(sizes):
            return _joined(lines, sizes)
    return list(map(strict_encoder.encode, predictions))


def _joined(lines: list[str], sizes: list[int]) -> list[Body]:
    if max(sizes) == 1:
        return [*lines]
    bodies: list[Body] = []
    position = 0
    for size in sizes:
        bodies.append(",".join(lines[position : position + size]))
        position += size
    return bodies


def describe(error: Exception) -> str:
    """What the caller of a failed item is told."""
    if isinstance(error, PodiumError):
        return str(error)
    if isinstance(error, ValueError) and "not JSON compliant" in str(error):
        return "The model answered NaN or Infinity, which JSON can't carry."
    return f"{type(error).__name__}: {error}"


def error_body(message: str) -> str:
    """The body of an item that failed."""
    return json.dumps({"error": message[:LONGEST_MESSAGE]})


def result_frame(batch: int, statuses: list[int], bodies: list[Body], compute_us: int | None = None) -> bytes:
    """The frame that ends a batch. `compute_us`: how long this process worked on it."""
    texts = [body for body in bodies if isinstance(body, str)]
    if len(texts) < len(bodies):
        return _tensor_frame(batch, statuses, bodies, compute_us)
    if statuses.count(200) == len(statuses):
        items = ",".join([f'{{"status":200,"length":{len(text)}}}' for text in texts])
    else:
        items = ",".join(
            [f'{{"status":{status},"length":{len(text)}}}' for status, text in zip(statuses, texts)]
        )
    compute = "" if compute_us is None else f',"compute_us":{compute_us}'
    meta = f'{{"type":"result","batch":{batch},"items":[{items}]{compute}}}'
    return encode_frame(meta.encode(), "".join(texts).encode())


def _tensor_frame(batch: int, statuses: list[int], bodies: list[Body], compute_us: int | None) -> bytes:
    items: list[dict[str, Any]] = []
    tail: list[bytes] = []
    for status, body in zip(statuses, bodies):
        if isinstance(body, str):
            items.append({"status": status, "length": len(body)})
            tail.append(body.encode())
        else:
            length = sum(map(len, body.data))
            items.append({"status": status, "length": length, "outputs": body.parts})
            tail.extend(body.data)
    result: dict[str, Any] = {"type": "result", "batch": batch, "items": items}
    if compute_us is not None:
        result["compute_us"] = compute_us
    meta = json.dumps(result)
    return encode_frame(meta.encode(), b"".join(tail))
