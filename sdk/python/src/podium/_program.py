"""Runs a program in Codabench's form: its metadata file holds the command, with places for the folders."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ._environment import Environment, without_platform
from ._errors import PodiumError

SUBMISSION = "submission"
_COMMAND = re.compile(r"commands?\s*:\s*(.*)")
_PLACE = re.compile(r"\$(\w+)|\$\{(\w+)\}")


def run_program(metadata: Path, environment: Environment) -> int:
    """Runs the commands that the file names, in its folder, one after the other, until one fails.

    Returns the exit code. Raises `PodiumError` when the file names none, or a place that there is not.
    """
    commands = read_commands(metadata.read_text(encoding="utf-8"))
    if not commands:
        raise PodiumError(
            f"{metadata.name} names no command.", "Write `command: python3 $program/ingestion.py`."
        )
    program = metadata.resolve().parent
    with tempfile.TemporaryDirectory() as scratch:
        places = folders(program, environment, Path(scratch))
        for command in commands:
            words = [fill(word, places) for word in shlex.split(command)]
            if words[0] in ("python", "python3"):
                words[0] = sys.executable
            code = _run(words, program)
            if code != 0:
                return code
    return 0


def read_commands(text: str) -> list[str]:
    """The value of `command:` or `commands:`, which may be a list. Other keys are the organizer's notes."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _COMMAND.fullmatch(line.strip())
        if not match:
            continue
        if match[1]:
            return [_unquoted(match[1])]
        items: list[str] = []
        for item in lines[number + 1 :]:
            if not item.strip().startswith("- "):
                break
            items.append(_unquoted(item.strip()[2:].strip()))
        return items
    return []


def folders(program: Path, environment: Environment, scratch: Path) -> Mapping[str, str]:
    """Where the places of a command lie. `hidden` and `shared` are empty: who predicts sees no labels."""
    empty = {name: scratch / name for name in ("hidden", "shared", "tmp")}
    for folder in empty.values():
        folder.mkdir()
    output = environment.output_path or ""
    return {
        "input": environment.input_path or "",
        "output": output,
        "predictions": output,
        "program": str(program),
        "ingestion_program": str(program),
        "submission_program": environment.datasets.get(SUBMISSION, ""),
        **{name: str(folder) for name, folder in empty.items()},
    }


def fill(word: str, places: Mapping[str, str]) -> str:
    """Puts folders in the places of one word: a folder with a blank in its name stays one word."""

    def folder(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in places:
            known = ", ".join(f"${place}" for place in sorted(places))
            raise PodiumError(f"The command has a place ${name} that there is not.", f"There are {known}.")
        return places[name]

    return _PLACE.sub(folder, word)


def _run(words: list[str], folder: Path) -> int:
    try:
        return subprocess.run(words, cwd=folder, env=without_platform(os.environ), check=False).returncode
    except OSError as error:
        raise PodiumError(
            f"{words[0]} can't be run: {error.strerror}", "Name a program that is there."
        ) from error


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
