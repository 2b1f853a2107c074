"""The items of a batch, decoded into rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from ._errors import PodiumError
from ._signature import Signature
from ._tensors import read_rows

SINGLE = -1  # the item is one row, answered with one value instead of a list


class Rejected(Exception):
    """An item that is answered with an error of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Requests:
    """Rows of all items in order, and how many belong to each: SINGLE, a number, or why it was rejected."""

    __slots__ = ("counts", "rejected", "rows", "tensors")

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.counts: list[int] = []
        self.rejected: dict[int, Rejected] = {}
        self.tensors: set[int] = set()


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


def read_requests(items: Sequence[dict[str, Any]], tail: memoryview, declared: Signature | None) -> Requests:
    """Decodes the items one after the other; a bad one is rejected alone.

    The tail is decoded as text once. Each body is then parsed where it lies and must end exactly where its
    item ends, so bodies cannot run into each other; whatever is unusual is looked at again by itself.
    """
    requests = Requests()
    rows, counts = requests.rows, requests.counts
    text = _ascii(tail) if any(item["kind"] == "json" for item in items) else ""
    position = 0
    for item in items:
        end = position + item["length"]
        try:
            if item["kind"] == "json":
                try:
                    value, stop = _decode(text, position)
                except (ValueError, RecursionError):
                    stop, value = -1, None
                if stop != end:
                    value = _decode_alone(tail[position:end])
                if type(value) is list:
                    several = cast(list[Any], value)
                    rows.extend(several)
                    counts.append(len(several))
                else:
                    rows.append(value)
                    counts.append(SINGLE)
            else:
                tensor_rows = _read_tensors(item, tail[position:end], declared)
                requests.tensors.add(len(counts))
                rows.extend(tensor_rows)
                counts.append(len(tensor_rows))
        except Rejected as rejected:
            requests.rejected[len(counts)] = rejected
            counts.append(0)
        position = end
    return requests


def _ascii(tail: memoryview) -> str:
    """The tail as text in which byte and character positions agree; "" when there is none."""
    try:
        return str(tail, "ascii")
    except UnicodeDecodeError:
        return ""


def _decode_alone(body: memoryview) -> Any:
    try:
        text = str(body, "utf-8").strip(" \t\r\n")
        value, stop = _decode(text)
        if stop != len(text):
            raise ValueError(f"Extra data after character {stop}")
        return value
    except (ValueError, RecursionError) as error:
        raise Rejected(400, f"The body is not JSON: {error}") from error


def _read_tensors(item: dict[str, Any], data: memoryview, declared: Signature | None) -> list[Any]:
    try:
        return read_rows(item.get("inputs") or [], data, declared)
    except PodiumError as error:
        raise Rejected(400, str(error)) from error
