"""What the platform tells this process. The only module that reads environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from ._errors import PodiumError

MODES = ("train", "infer", "serve")


class Environment(NamedTuple):
    """The variables of docs/reference/protocols.md, parsed; empty strings and None outside the platform."""

    socket: str | None
    mode: str
    session: str
    dataset_path: str
    dataset_name: str
    datasets: Mapping[str, str]
    checkpoint: str | None
    checkpoint_path: str | None
    resumes: bool
    input_path: str | None
    output_path: str | None
    id_field: str
    each_file: bool
    gpus: tuple[str, ...]
    rank: int
    world: int
    members: tuple[tuple[str, int], ...]

    @property
    def is_on_platform(self) -> bool:
        return self.socket is not None


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Parses the variables. Raises `PodiumError` when PODIUM_MODE is not one of `MODES`."""
    socket = variables.get("PODIUM_SOCKET") or None
    mode = (variables.get("PODIUM_MODE") or "train") if socket else "train"
    if mode not in MODES:
        raise PodiumError(f"PODIUM_MODE is {mode!r}; it must be one of {', '.join(MODES)}.")
    dataset_path = _first(variables, "PODIUM_DATASET_PATH", "NSML_DATASET_PATH")
    dataset_name = _first(variables, "PODIUM_DATASET_NAME", "NSML_DATASET_NAME")
    only = {dataset_name: dataset_path} if dataset_path else {}
    datasets: Mapping[str, str] = json.loads(variables.get("PODIUM_DATASETS") or "null") or only
    return Environment(
        socket=socket,
        mode=mode,
        session=variables.get("PODIUM_SESSION", ""),
        dataset_path=dataset_path,
        dataset_name=dataset_name,
        datasets=datasets,
        checkpoint=variables.get("PODIUM_CHECKPOINT") or None,
        checkpoint_path=variables.get("PODIUM_CHECKPOINT_PATH") or None,
        resumes=variables.get("PODIUM_RESUMES") == "1",
        input_path=variables.get("PODIUM_INPUT_PATH") or None,
        output_path=variables.get("PODIUM_OUTPUT_PATH") or None,
        id_field=variables.get("PODIUM_ID_FIELD") or "id",
        each_file=variables.get("PODIUM_EACH_FILE") == "1",
        gpus=tuple(part.strip() for part in variables.get("PODIUM_GPUS", "").split(",") if part.strip()),
        rank=_whole_number(variables.get("PODIUM_RANK"), 0),
        world=_whole_number(variables.get("PODIUM_WORLD"), 1),
        members=tuple(
            (str(member["address"]), int(member["port"]))
            for member in json.loads(variables.get("PODIUM_MEMBERS") or "[]")
        ),
    )


def without_platform(variables: Mapping[str, str]) -> dict[str, str]:
    """What a program that is not asked to know of the platform gets: there `import podium` is harmless."""
    return {name: value for name, value in variables.items() if name != "PODIUM_SOCKET"}


def _first(variables: Mapping[str, str], *names: str) -> str:
    return next((variables[name] for name in names if variables.get(name)), "")


def _whole_number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
