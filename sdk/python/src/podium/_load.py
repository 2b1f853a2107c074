from __future__ import annotations

from pathlib import Path

from ._checkpoint_folder import PathFunction, load_from
from ._errors import PodiumError
from ._link import tell
from ._save import local_checkpoint
from ._session import session


def load(name: str | int, load_fn: PathFunction | None = None, session: str | None = None) -> None:
    """Loads a checkpoint with `load_fn(path)`, or else the bound `load`.

    `session` names another session (`owner/dataset/N`); without it, this one. Raises `PodiumError` when there
    is no such checkpoint. Outside the platform it reads ./.podium/checkpoints/NAME; where that is
    missing it says so on stderr and changes nothing.
    """
    load_checkpoint(str(name), load_fn, session)


def load_checkpoint(name: str, load_fn: PathFunction | None, from_session: str | None) -> None:
    function = load_fn or (session.model.load if session.model else None)
    if session.link is None:
        folder = local_checkpoint(name)
        if function is None or not folder.is_dir():
            tell(f"load({name!r}): there is no {folder}, nothing was loaded")
            return
    elif function is None:
        raise PodiumError("No load function is bound.", "Call podium.bind(load=…) first, or give load_fn=….")
    else:
        folder = Path(session.link.request("load", {"name": name, "session": from_session}))
    load_from(folder, function)
