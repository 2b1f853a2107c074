"""`python -m podium main.py ARGS…` runs a script as `python main.py ARGS…` would, inside the platform.

Failures are told even when the script does not import the SDK or does not parse, `nsml` is the platform's
even where the upload holds a folder of that name, and infer and serve mode may start threads at the end.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from ._errors import PodiumError
from ._session import session
from ._takeover import report_failure, take_over_if_asked


def run_script(path: str, arguments: list[str]) -> None:
    """Runs the file at `path` as `__main__`; ends the process with 1 after an uncaught exception."""
    _import_nsml()
    sys.argv = [path, *arguments]
    sys.path[0] = str(Path(path).resolve().parent)
    main: Any = ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    try:
        exec(compile(_read(path), path, "exec"), cast(dict[str, Any], vars(main)))
    except Exception as error:
        # Without this function's own frame the traceback is the one that `python main.py` prints.
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(1)
    if session.link is not None:
        take_over_if_asked()


def _import_nsml() -> None:
    """Once imported, it is what every later `import nsml` finds, whatever lies in the script's folder."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    importlib.import_module("nsml.constants")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise PodiumError(
            f"There is no {path} in the uploaded code.", "Upload it, or name the script that is to run."
        ) from error


def run_organizers_program(path: str) -> int:
    """Runs a program by its metadata file (see `_program`); gives the exit code."""
    from ._program import run_program

    # What it runs predicts: at the end nothing is left to be taken over.
    session.has_taken_over = True
    try:
        return run_program(Path(path), session.environment)
    except PodiumError as error:
        report_failure(error)
        print(error, file=sys.stderr)
        if session.link is not None:
            session.link.flush()
        return 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m podium SCRIPT [ARGUMENTS…]")
    # Not imported for a script's sake: its first line does not wait for what only programs need.
    if Path(sys.argv[1]).name in ("metadata", "metadata.yaml", "metadata.yml"):
        sys.exit(run_organizers_program(sys.argv[1]))
    run_script(sys.argv[1], sys.argv[2:])
