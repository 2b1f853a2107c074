"""The input rows of infer mode: one JSONL or CSV file, read in chunks, never whole."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ._errors import PodiumError

Row = dict[str, Any]

_INTEGER = re.compile(r"[+-]?\d{1,1000}", re.ASCII)
_PLAIN_INTEGER = re.compile(r"0|-?[1-9]\d{0,999}", re.ASCII)
_FLOAT = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_LONGEST_CELL = 2**31 - 1
_NO_HEADER: list[str] = []


def find_table(folder: Path) -> Path:
    """The one `*.jsonl` or `*.csv` file in `folder`. Raises `PodiumError` when there is none or several."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jsonl", ".csv"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise PodiumError(
            f"The input folder must hold one *.jsonl or *.csv file; it holds {names}.",
            "This is for the organizer of the competition to correct.",
        )
    return found[0]


def count_rows(path: Path) -> int:
    if path.suffix.lower() == ".csv":
        return sum(1 for _ in _csv_records(path)) - 1
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def read_rows(path: Path, id_field: str) -> Iterator[Row]:
    """The rows as dicts. A CSV column becomes int or float when all of its values parse so; "" becomes None.

    An id keeps its text unless every id is a plain whole number: `007` must stay `007` to be found again.
    """
    return _read_csv(path, id_field) if path.suffix.lower() == ".csv" else _read_jsonl(path)


def _read_jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row: Any = json.loads(line)
            except ValueError as error:
                raise PodiumError(f"{path.name}, line {number} is not JSON: {error}") from error
            if not isinstance(row, dict):
                raise PodiumError(f"{path.name}, line {number} is not a JSON object.")
            yield row


def _read_csv(path: Path, id_field: str) -> Iterator[Row]:
    kinds = _column_kinds(path, id_field)
    records = _csv_records(path)
    header = next(records, _NO_HEADER)
    columns = list(zip(header, kinds))
    for record in records:
        yield {name: _convert(text, kind) for (name, kind), text in zip(columns, record)}


def _convert(text: str, kind: str) -> str | int | float | None:
    if text == "":
        return None
    if kind == "text":
        return text
    number = text.strip()
    if number == "":
        return None
    return int(number) if kind == "int" else float(number)


def _column_kinds(path: Path, id_field: str) -> list[str]:
    """`int`, `float` or `text` for each column: the narrowest that holds every value."""
    records = _csv_records(path)
    header = next(records, _NO_HEADER)
    kinds = ["int"] * len(header)
    open_columns = list(range(len(header)))
    for record in records:
        for column in open_columns:
            kinds[column] = _widen(kinds[column], record[column].strip(), header[column] == id_field)
        open_columns = [column for column in open_columns if kinds[column] != "text"]
    return kinds


def _widen(kind: str, text: str, is_id: bool) -> str:
    if text == "":
        return kind
    if is_id:
        return kind if _PLAIN_INTEGER.fullmatch(text) else "text"
    if kind == "int" and _INTEGER.fullmatch(text):
        return "int"
    return "float" if _FLOAT.fullmatch(text) else "text"


def _csv_records(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        width = -1
        for record in reader:
            if not record:
                continue
            width = len(record) if width < 0 else width
            if len(record) != width:
                raise PodiumError(
                    f"{path.name}, line {reader.line_num} has {len(record)} values; the header has {width}."
                )
            yield record
