"""Competitions in the NSML convention: the organizer's data_loader.py hands the data to `infer`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ._errors import PodiumError
from ._failures import during
from ._model import InferFunction

OUTPUT_NAME = "predictions.txt"
ORGANIZER_HINT = "This is for the organizer of the competition to correct."


def feed_data_loader(path: Path, infer: InferFunction, target: Path) -> None:
    """Lets `feed_infer(output_file, infer_func)` of the module at `path` write the predictions.

    Where it is missing, `infer(test_data_loader(DATASET_PATH))` returns `[(probability, prediction)]`, and
    each prediction becomes a line. DATASET_PATH is the folder of the hidden inputs meanwhile: on NSML, where
    such modules come from, training data and tests lay in one dataset.
    """
    _point_at(path.parent)
    loader = _import_file(path)
    output = target / OUTPUT_NAME
    feed_infer: Any = getattr(loader, "feed_infer", None)
    test_data_loader: Any = getattr(loader, "test_data_loader", None)
    with during("infer"):
        if callable(feed_infer):
            feed_infer(str(output), infer)
        elif callable(test_data_loader):
            answers: Any = infer(test_data_loader(str(path.parent)))
            output.write_text("".join(f"{prediction}\n" for _, prediction in answers), encoding="utf-8")
        else:
            raise PodiumError(f"{path.name} defines neither feed_infer nor test_data_loader.", ORGANIZER_HINT)
    # numpy.save adds its own suffix to the name it is given.
    with_suffix = output.with_name(OUTPUT_NAME + ".npy")
    if not output.exists() and with_suffix.exists():
        with_suffix.replace(output)
    if not output.exists():
        raise PodiumError(f"feed_infer of {path.name} wrote no predictions.", ORGANIZER_HINT)


def _point_at(folder: Path) -> None:
    # podium first: an nsml that is imported from here on takes its constants from there.
    for name in ("podium", "nsml.constants", "nsml"):
        module = sys.modules.get(name)
        if module is not None:
            module.DATASET_PATH = str(folder)  # pyright: ignore[reportAttributeAccessIssue]


def _import_file(path: Path) -> ModuleType:
    # Its own name: the participant's code may well have a module called data_loader.
    spec = importlib.util.spec_from_file_location("podium_organizer_data_loader", path)
    if spec is None or spec.loader is None:
        raise PodiumError(f"{path} can't be imported.", ORGANIZER_HINT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.append(str(path.parent))
    loader: Any = spec.loader
    loader.exec_module(module)
    return module
