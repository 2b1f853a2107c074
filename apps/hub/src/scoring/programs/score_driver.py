"""Runs an organizer's scorer over one submission's predictions and reports the numbers that it gives.

It lies beside the organizer's program, in a session that sees labels and predictions and has no network. Whatever
goes wrong is said on stderr and ends it with 1: the organizer alone reads that.
"""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import podium

KEPT_OUTPUT = 64 * 1024
METADATA = ("metadata.yaml", "metadata.yml", "metadata")
COMMAND = re.compile(r"commands?\s*:\s*(.*)")
PLACE = re.compile(r"\$(\w+)|\$\{(\w+)\}")


def main(task: dict[str, Any]) -> None:
    """`task`: convention, labels and predictions ({folder, file}), wanted and optional names of values."""
    datasets = json.loads(os.environ["PODIUM_DATASETS"])
    labels, predictions = task["labels"], task["predictions"]
    ref, res = Path(datasets[labels["dataset"]]), Path(datasets[predictions["dataset"]])
    if task["convention"] == "nsml":
        found: dict[str, Any] = {"score": nsml(res / predictions["file"], ref / labels["file"])}
    else:
        found = codabench(ref, res)
    values: dict[str, float] = {}
    for name in task["wanted"] + task["optional"]:
        if name not in found and name in task["optional"]:
            continue
        if name not in found:
            known = ", ".join(sorted(map(str, found))[:20]) or "nothing"
            sys.exit(f'The scorer gave no value called "{name}"; it gave {known}.')
        values[f"score/{name}"] = number(name, found[name])
    podium.report(summary=True, **values)  # pyright: ignore[reportArgumentType]


def nsml(predictions: Path, labels: Path) -> object:
    """`evaluation.py --prediction FILE [--test_label_path FILE]` prints the score."""
    script = Path("evaluation.py")
    if not script.is_file():
        sys.exit("The scoring program has no evaluation.py.")
    command = [sys.executable, script.name, "--prediction", str(predictions)]
    # Scripts of the first years take no other argument and know where the labels lie.
    if "--test_label_path" in script.read_text(encoding="utf-8", errors="replace"):
        command += ["--test_label_path", str(labels)]
    lines = [line.strip() for line in run(command).splitlines() if line.strip()]
    if not lines:
        sys.exit("evaluation.py printed nothing; it has to print the score.")
    return lines[-1]


def codabench(ref: Path, res: Path) -> dict[str, Any]:
    """The command of the metadata file reads `input/ref` and `input/res` and writes `output/scores.json` or `.txt`."""
    metadata = next((Path(name) for name in METADATA if Path(name).is_file()), None)
    commands = read_commands(metadata.read_text(encoding="utf-8")) if metadata else []
    if not commands:
        sys.exit("The scoring program has no metadata file with a `command:`.")
    root = Path(tempfile.mkdtemp())
    for name in ("input", "output", "hidden", "shared", "tmp"):
        (root / name).mkdir()
    (root / "input" / "ref").symlink_to(ref)
    (root / "input" / "res").symlink_to(res)
    places = {name: str(root / name) for name in ("input", "output", "hidden", "shared", "tmp")}
    program = os.getcwd()
    places.update(predictions=str(res), program=program, ingestion_program=program, submission_program=program)
    for command in commands:
        words = [fill(word, places) for word in shlex.split(command)]
        if words and words[0] in ("python", "python3"):
            words[0] = sys.executable
        run(words)
    return read_scores(root / "output")


def read_commands(text: str) -> list[str]:
    """The value of `command:` or `commands:`, which may be a list. Other keys are the organizer's notes."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        match = COMMAND.fullmatch(line.strip())
        if match and match[1]:
            return [unquoted(match[1])]
        if match:
            items: list[str] = []
            for item in lines[at + 1 :]:
                if not item.strip().startswith("- "):
                    break
                items.append(unquoted(item.strip()[2:].strip()))
            return items
    return []


def fill(word: str, places: dict[str, str]) -> str:
    """Puts folders in the places of a word, and of the paths that Codabench's own workers have."""

    def folder(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in places:
            sys.exit(f"The command has a place ${name}; there are {', '.join(sorted(places))}.")
        return places[name]

    fixed = re.match(r"/app/(program|input|output)(?=/|$)", word)
    if fixed:
        word = places[fixed[1]] + word[fixed.end() :]
    return PLACE.sub(folder, word)


def read_scores(output: Path) -> dict[str, Any]:
    if (output / "scores.json").is_file():
        found: object = json.loads((output / "scores.json").read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            sys.exit("scores.json must be an object of names and numbers.")
        return found  # pyright: ignore[reportUnknownVariableType]
    if (output / "scores.txt").is_file():
        lines = (output / "scores.txt").read_text(encoding="utf-8").splitlines()
        pairs = [line.partition(":") for line in lines if ":" in line]
        return {name.strip(): value.strip() for name, _, value in pairs}
    sys.exit("The scoring program wrote neither output/scores.json nor output/scores.txt.")


def number(name: str, value: object) -> float:
    try:
        found = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        sys.exit(f'The value of "{name}" is no number.')
    if not math.isfinite(found):
        sys.exit(f'The value of "{name}" is {found}, which no board can rank.')
    return found


def run(command: list[str]) -> str:
    """Runs a program; what it prints goes to the log, and its end is returned. Ends with its failure."""
    # Programs that import podium or nsml find them harmless.
    variables = {name: value for name, value in os.environ.items() if name != "PODIUM_SOCKET"}
    try:
        process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.exit(f"{command[0] if command else 'The command'} can't be run: {error.strerror}.")
    kept = b""
    assert process.stdout is not None
    while part := process.stdout.read1(8192):  # pyright: ignore[reportAttributeAccessIssue]
        sys.stdout.buffer.write(part)
        sys.stdout.flush()
        kept = (kept + part)[-KEPT_OUTPUT:]
    code = process.wait()
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        sys.exit(f"The scoring program {how}.")
    return kept.decode(errors="replace")


def unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
