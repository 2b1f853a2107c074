"""Runs the user's `save(path)` and `load(path)` over a checkpoint's folder.

The path is a folder. Functions written for a file path are run again with a file inside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ._errors import PodiumError

PathFunction = Callable[[str], object]

FILE_NAME = "model"

# How libraries that open the path themselves (torch, h5py, TensorFlow) word "this is a folder".
_FOLDER_WORDS = ("is a directory", "cannot be opened", "parent directory", "not a valid checkpoint")


def save_into(folder: Path, save: PathFunction) -> None:
    """Lets `save` fill `folder`, which exists and is empty. Raises `PodiumError` when nothing was written."""
    try:
        save(str(folder))
    except Exception as error:
        if not _wanted_a_file(error, folder):
            raise
        save(str(folder / FILE_NAME))
    _gather_siblings(folder)
    if not any(folder.iterdir()):
        raise PodiumError(
            "The save function wrote nothing.",
            "Write the model's files into the folder that save(path) is given.",
        )


def load_from(folder: Path, load: PathFunction) -> None:
    """Lets `load` read `folder`; on a failure that asks for a file, the one file that was saved."""
    try:
        load(str(folder))
    except Exception as error:
        if not _wanted_a_file(error, folder):
            raise
        beside = _looked_beside(error, folder)
        load(str(folder / FILE_NAME if beside else _single_file(folder)))


def staging_folder(*bases: Path) -> Path:
    """A fresh empty folder named `model`, alone in its parent, in the first of `bases` that takes it."""
    # Here and below, not above: a script's first line does not wait for what only saving needs.
    import tempfile

    for base in bases:
        try:
            base.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="checkpoint-", dir=base)) / FILE_NAME
            folder.mkdir()
            folder.parent.chmod(0o755)  # the runner may be another user
        except OSError:
            continue
        return folder
    raise PodiumError(f"No folder to save into can be made in {' or '.join(map(str, bases))}.")


def remove_staging(folder: Path) -> None:
    """Removes what is left of a staging folder; the runner may have moved the checkpoint away."""
    import shutil

    shutil.rmtree(folder.parent, ignore_errors=True)


def _wanted_a_file(error: Exception, folder: Path) -> bool:
    if isinstance(error, IsADirectoryError):
        return True
    if _looked_beside(error, folder):
        return True
    text = str(error).lower()
    return isinstance(error, (OSError, RuntimeError, ValueError)) and any(
        word in text for word in _FOLDER_WORDS
    )


def _looked_beside(error: Exception, folder: Path) -> bool:
    """`numpy.load(path + ".npy")` and the like want a file whose name begins as the folder's does."""
    name = str(error.filename or "") if isinstance(error, FileNotFoundError) else ""
    return name.startswith(str(folder)) and not name.startswith(str(folder) + os.sep)


def _gather_siblings(folder: Path) -> None:
    """`numpy.save(path)` and TensorFlow's Saver add suffixes to the path, so they write beside the folder."""
    import shutil

    for sibling in folder.parent.iterdir():
        if sibling != folder and sibling.name.startswith(folder.name):
            shutil.move(str(sibling), str(folder / sibling.name))


def _single_file(folder: Path) -> Path:
    files = [path for path in folder.iterdir() if path.is_file()]
    if len(files) == 1 and not (folder / FILE_NAME).exists():
        return files[0]
    return folder / FILE_NAME
