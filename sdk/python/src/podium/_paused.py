from __future__ import annotations

from ._session import session
from ._start_checkpoint import load_start_checkpoint
from ._takeover import take_over_if_asked


def paused() -> None:
    """The place where the platform may step in; put it right after `bind`.

    When the script runs to predict or to serve, this loads the checkpoint, does that, and does not return.
    When it trains from a checkpoint (a fork, or going on after an interruption), this loads it and returns.
    Otherwise, and outside the platform, it returns at once.
    """
    take_over_if_asked()
    environment = session.environment
    if session.link is None or session.has_taken_over or environment.checkpoint_path is None:
        return
    if not session.start_checkpoint_loaded:
        load_start_checkpoint()
