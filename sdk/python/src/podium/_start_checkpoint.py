from __future__ import annotations

from pathlib import Path

from ._checkpoint_folder import load_from
from ._errors import PodiumError
from ._failures import during
from ._link import tell
from ._session import session


def load_start_checkpoint() -> None:
    """Loads the checkpoint that this session starts from, if there is one, with the bound `load`."""
    path, name = session.environment.checkpoint_path, session.environment.checkpoint
    if path is None:
        return
    if session.model is None or session.model.load is None:
        if session.environment.resumes:
            tell(f"no load function is bound: the script begins anew, without the checkpoint {name!r}")
            session.start_checkpoint_loaded = True
            return
        raise PodiumError(
            f"The checkpoint {name or path} can't be loaded: no load function is bound.",
            "Call podium.bind(load=…) before podium.paused().",
        )
    with during("load"):
        load_from(Path(path), session.model.load)
    session.start_checkpoint_loaded = True
