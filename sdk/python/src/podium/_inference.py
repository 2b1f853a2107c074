"""Infer mode: every row of the input through the bound `infer`, into predictions.jsonl."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

from ._data_loader import feed_data_loader
from ._environment import Environment
from ._errors import PodiumError
from ._failures import during
from ._json import encode_with_nan
from ._link import Link
from ._model import Model
from ._tables import Row, count_rows, find_table, read_rows

CHUNK_ROWS = 1000
PROGRESS_SECONDS = 0.5


def run_inference(model: Model, environment: Environment, link: Link) -> None:
    """Predicts the rows of PODIUM_INPUT_PATH. Raises as `infer` does, or `PodiumError`."""
    if environment.input_path is None or environment.output_path is None:
        raise PodiumError("PODIUM_INPUT_PATH and PODIUM_OUTPUT_PATH must both be set in infer mode.")
    source, target = Path(environment.input_path), Path(environment.output_path)
    target.mkdir(parents=True, exist_ok=True)
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


def _id_of(row: Row, id_field: str, number: int) -> Any:
    row_id: Any | None = row.get(id_field)
    if row_id is None:
        raise PodiumError(
            f"Row {number} of the input has no {id_field!r}.",
            "This is for the organizer of the competition to correct.",
        )
    return row_id


def _line(row_id: Any, prediction: object, number: int) -> str:
    try:
        return f'{{"id": {encode_with_nan(row_id)}, "prediction": {encode_with_nan(prediction)}}}\n'
    except (TypeError, ValueError, RecursionError) as error:
        raise PodiumError(
            f"The prediction for row {number} (id {row_id}) can't be written: {error}",
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
