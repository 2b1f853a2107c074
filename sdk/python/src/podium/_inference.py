"""Infer mode: every row of the input through the bound `infer`, into one file or one each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ._data_loader import feed_data_loader
from ._environment import Environment
from ._errors import PodiumError
from ._failures import during
from ._json import encode_with_nan
from ._link import Link
from ._model import Model
from ._row_files import RowFile, find_row_files
from ._tables import Row, count_rows, find_table, read_rows

CHUNK_ROWS = 1000
PROGRESS_SECONDS = 0.5


def run_inference(model: Model, environment: Environment, link: Link) -> None:
    """Predicts the rows of PODIUM_INPUT_PATH. Raises as `infer` does, or `PodiumError`."""
    if environment.input_path is None or environment.output_path is None:
        raise PodiumError("PODIUM_INPUT_PATH and PODIUM_OUTPUT_PATH must both be set in infer mode.")
    source, target = Path(environment.input_path), Path(environment.output_path)
    target.mkdir(parents=True, exist_ok=True)
    if environment.each_file:
        _predict_files(model, source, target, environment.id_field, link)
        return
    data_loader = source / "data_loader.py"
    if data_loader.is_file():
        feed_data_loader(data_loader, model.bound_infer(), target)
    else:
        _predict_table(model, find_table(source), target, environment.id_field, link)


def _predict_table(model: Model, table: Path, target: Path, id_field: str, link: Link) -> None:
    progress = _Progress(link, count_rows(table))
    rows = read_rows(table, id_field)
    partial = target / "predictions.jsonl.partial"
    done = 0
    with partial.open("w", encoding="utf-8") as file:
        while chunk := list(islice(rows, CHUNK_ROWS if model.batch else 1)):
            # Taken before `infer` sees the rows: it may change them.
            ids = [_id_of(row, id_field, done + index) for index, row in enumerate(chunk, 1)]
            with during("infer"):
                predictions = model.predict(chunk)
            for index, (row_id, prediction) in enumerate(zip(ids, predictions), 1):
                file.write(_line(row_id, prediction, done + index))
            done += len(chunk)
            progress.tell(done)
    partial.replace(target / "predictions.jsonl")
    progress.tell(done, last=True)


def _predict_files(model: Model, source: Path, target: Path, id_field: str, link: Link) -> None:
    """For each file of rows one of the same name, `.predictions.jsonl`, a prediction a line."""
    files = find_row_files(source, id_field)
    progress = _Progress(link, sum(file.rows for file in files))
    done = 0
    for file in files:
        path = target / f"{file.name}.predictions.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        with partial.open("w", encoding="utf-8") as lines:
            for written in _predict_rows(model, file, lines):
                progress.tell(done + written)
        partial.replace(path)
        done += file.rows
    progress.tell(done, last=True)


def _predict_rows(model: Model, file: RowFile, lines: IO[str]) -> Iterator[int]:
    """Yields how many rows are written, after each chunk."""
    rows = file.read()
    written = 0
    while chunk := list(islice(rows, CHUNK_ROWS if model.batch else 1)):
        with during("infer"):
            predictions = model.predict(chunk)
        for index, prediction in enumerate(predictions, 1):
            lines.write(_encoded(prediction, f"row {written + index} of {file.name}") + "\n")
        written += len(chunk)
        yield written


def _id_of(row: Row, id_field: str, number: int) -> Any:
    row_id: Any | None = row.get(id_field)
    if row_id is None:
        raise PodiumError(
            f"Row {number} of the input has no {id_field!r}.",
            "This is for the organizer of the competition to correct.",
        )
    return row_id


def _line(row_id: Any, prediction: object, number: int) -> str:
    where = f"row {number} (id {row_id})"
    return f'{{"id": {_encoded(row_id, where)}, "prediction": {_encoded(prediction, where)}}}\n'


def _encoded(value: object, where: str) -> str:
    try:
        return encode_with_nan(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise PodiumError(
            f"The prediction for {where} can't be written: {error}",
            "Return numbers, texts, or lists and dicts of them from infer.",
        ) from error


class _Progress:
    def __init__(self, link: Link, total: int) -> None:
        self._link = link
        self._total = total
        self._told_at = 0.0

    def tell(self, done: int, last: bool = False) -> None:
        """Often enough to watch, seldom enough to cost nothing."""
        now = time.monotonic()
        if last or now - self._told_at >= PROGRESS_SECONDS:
            self._told_at = now
            self._link.send("progress", {"done": done, "total": self._total})
