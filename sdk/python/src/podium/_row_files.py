"""The files of rows of a whole dataset, each read piece by piece; only a .json file is read at once."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

from ._errors import PodiumError
from ._tables import count_rows, read_rows

PIECE_ROWS = 1000


class RowFile(NamedTuple):
    """`name` is its path within the folder. `read` raises `PodiumError` that names what is wrong with it."""

    name: str
    rows: int
    read: Callable[[], Iterator[Any]]


def find_row_files(folder: Path, id_field: str) -> list[RowFile]:
    """All files of rows in and below `folder`, by name. Raises `PodiumError` for none, or a broken one."""
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in _OPENERS and path.is_file()]
    if not paths:
        raise PodiumError(
            "The dataset has no file of rows: .csv, .jsonl, .parquet, .npy, or .json with a list.",
            "Push its rows as one of these: podium dataset push.",
        )
    found = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    return [_OPENERS[path.suffix.lower()](name, path, id_field) for name, path in found]


def _open_csv(name: str, path: Path, id_field: str) -> RowFile:
    return RowFile(name, max(0, count_rows(path)), lambda: iter(read_rows(path, id_field)))


def _open_jsonl(name: str, path: Path, _: str) -> RowFile:
    return RowFile(name, count_rows(path), lambda: _lines(name, path))


def _lines(name: str, path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError as error:
                raise PodiumError(f"{name}, line {number} is not JSON: {error}") from error


def _open_json(name: str, path: Path, _: str) -> RowFile:
    # Read again when its turn comes, so that several such files are not in memory together.
    return RowFile(name, len(_elements(name, path)), lambda: iter(_elements(name, path)))


def _elements(name: str, path: Path) -> list[Any]:
    try:
        value: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise PodiumError(f"{name} is not JSON: {error}") from error
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _open_parquet(name: str, path: Path, _: str) -> RowFile:
    try:
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError as error:
        raise PodiumError(
            f"{name} can't be read: the session's environment has no pyarrow.",
            "Add pyarrow to requirements.txt, train and bind again; or push the rows as .csv or .jsonl.",
        ) from error
    try:
        count = int(parquet.read_metadata(path).num_rows)
    except (ValueError, OSError) as error:  # what pyarrow's own errors are
        raise PodiumError(f"{name} can't be read as Parquet: {error}") from error

    def read() -> Iterator[Any]:
        with parquet.ParquetFile(path) as file:
            number = 0
            for piece in file.iter_batches(batch_size=PIECE_ROWS):
                for row in piece.to_pylist():
                    number += 1
                    yield _as_json(row, f"{name}, row {number}")

    return RowFile(name, count, read)


def _open_npy(name: str, path: Path, _: str) -> RowFile:
    try:
        numpy: Any = import_module("numpy")
    except ImportError as error:
        raise PodiumError(
            f"{name} can't be read: the session's environment has no numpy.",
            "Add numpy to requirements.txt, train and bind again; or push the rows as .csv or .jsonl.",
        ) from error
    try:
        # Objects stay refused: reading them would run code that is in the file.
        array = numpy.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise PodiumError(f"{name} can't be read as an array of numbers: {error}") from error
    if array.ndim == 0 or array.dtype.kind not in "biuf":
        raise PodiumError(f"{name} must hold an array of numbers with a row each in its first dimension.")

    def read() -> Iterator[Any]:
        for start in range(0, len(array), PIECE_ROWS):
            for row in array[start : start + PIECE_ROWS].tolist():
                yield _as_json(row, name)

    return RowFile(name, len(array), read)


_OPENERS: dict[str, Callable[[str, Path, str], RowFile]] = {
    ".csv": _open_csv,
    ".jsonl": _open_jsonl,
    ".json": _open_json,
    ".parquet": _open_parquet,
    ".npy": _open_npy,
}


def _as_json(value: Any, where: str) -> Any:
    """As a caller of the endpoint could send it: a missing number is None, a moment its ISO text."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, list):
        return [_as_json(each, where) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _as_json(each, where) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise PodiumError(
        f"{where} holds {type(value).__name__}, which JSON has no form for.",
        "Store texts, numbers, or lists and records of them.",
    )
