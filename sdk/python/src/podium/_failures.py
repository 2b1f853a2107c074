"""What stopped the script, told to the platform in words for its author."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from ._errors import PodiumError

LONGEST_MESSAGE = 500
LONGEST_ERROR = 200
_PHASE = "_podium_phase"

_MISMATCH_WORDS = (
    "state_dict",
    "size mismatch",
    "missing key",
    "unexpected key",
    "shape",
    "can't get attribute",
)


@contextmanager
def during(phase: str) -> Generator[None, None, None]:
    """Marks an exception with what the platform was doing (`load`, `infer`), for the hint."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(Exception):
            setattr(error, _PHASE, phase)
        raise


def describe_failure(error: BaseException, code_folder: Path, dataset_path: str) -> dict[str, Any]:
    """The fields of a `failure` frame: class, message, `main.py:12` in the user's code, what to do."""
    message = str(error) or type(error).__name__
    hint = _hint(error, dataset_path)
    return {
        "error": type(error).__name__[:LONGEST_ERROR],
        "message": message[:LONGEST_MESSAGE],
        "location": _location(error, code_folder),
        "hint": None if hint is None else hint[:LONGEST_MESSAGE],
    }


def print_traceback(error: BaseException) -> None:
    import traceback  # not above: few scripts fail

    traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)


def _location(error: BaseException, code_folder: Path) -> str | None:
    """The innermost frame in the code folder; the line itself when that is what could not be parsed."""
    if isinstance(error, SyntaxError) and error.filename:
        inside = _inside(error.filename, code_folder)
        if inside is not None:
            return f"{inside}:{error.lineno}"
    location: str | None = None
    step: TracebackType | None = error.__traceback__
    while step is not None:
        inside = _inside(step.tb_frame.f_code.co_filename, code_folder)
        if inside is not None:
            location = f"{inside}:{step.tb_lineno}"[-LONGEST_MESSAGE:]
        step = step.tb_next
    return location


def _inside(filename: str, code_folder: Path) -> str | None:
    path = (code_folder / filename).resolve()
    own_package = Path(__file__).resolve().parent
    installed = "site-packages" in path.parts or "dist-packages" in path.parts
    if filename.startswith("<") or installed or own_package in path.parents:
        return None
    with contextlib.suppress(ValueError):
        return path.relative_to(code_folder).as_posix()
    return None


def _hint(error: BaseException, dataset_path: str) -> str | None:
    if isinstance(error, PodiumError):
        return error.hint
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.split(".")[0]
        return f"Add {package} to requirements.txt, or upload {package}.py with your code."
    if isinstance(error, FileNotFoundError):
        data = f", or from the dataset in podium.DATASET_PATH ({dataset_path})" if dataset_path else ""
        return f"Open files by a path relative to your uploaded code{data}."
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "The memory was not enough: use smaller batches or a smaller model, or ask for more memory."
    phase = getattr(error, _PHASE, None)
    if phase == "load":
        return _load_hint(error)
    if phase == "infer":
        return (
            "The bound infer failed on the platform's input. It gets a list of rows (no labels); "
            "call podium.infer(rows) in your training script to try it."
        )
    return None


def _load_hint(error: BaseException) -> str:
    import pickle

    mismatch = any(word in str(error).lower() for word in _MISMATCH_WORDS)
    if mismatch or isinstance(error, (pickle.UnpicklingError, EOFError, AttributeError, KeyError)):
        return (
            "The checkpoint does not fit the code that loads it: build the same model, with the same "
            "arguments, as when it was saved, before podium.paused()."
        )
    return "The bound load failed: it is given the folder that the bound save filled."
