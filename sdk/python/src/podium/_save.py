from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from ._checkpoint_folder import PathFunction, remove_staging, save_into, staging_folder
from ._errors import PodiumError
from ._link import Link, tell
from ._session import session
from ._takeover import take_over_if_asked
from ._values import finite_number

STAGING_FOLDER = Path(".podium") / "saving"
LOCAL_FOLDER = Path(".podium") / "checkpoints"
LONGEST_NAME = 200
PREEMPTED = "preempted"


def save(name: str | int | None = None, save_fn: PathFunction | None = None, **metrics: object) -> None:
    """Saves a checkpoint and returns once it is safe on the platform.

    `save_fn(path)`, or else the bound `save`, fills a folder. Without a name it is the time; the same name
    replaces the earlier checkpoint. `metrics` (numbers) are shown with it. Raises `PodiumError` when the
    platform refuses, e.g. because the checkpoint is too large.

    Outside the platform it writes to ./.podium/checkpoints/NAME (`latest` without a name).
    """
    take_over_if_asked()
    save_if_asked()
    function = save_fn or (session.model.save if session.model else None)
    if function is None:
        if session.link is None:
            return
        raise PodiumError("No save function is bound.", "Call podium.bind(save=…) first, or give save_fn=….")
    if session.link is None:
        _save_locally("latest" if name is None else str(name), function)
    else:
        given = time.strftime("%Y%m%d-%H%M%S") if name is None else str(name)
        _save_remotely(session.link, given, function, _finite_metrics(metrics))


def save_if_asked() -> None:
    """Saves as `preempted` when the platform has asked for a checkpoint since the last call."""
    link, model = session.link, session.model
    if link is None or link.checkpoint_reason is None or not session.on_main_thread():
        return
    if model is None or model.save is None or session.has_taken_over:
        return
    reason, link.checkpoint_reason = link.checkpoint_reason, None
    try:
        _save_remotely(link, PREEMPTED, model.save, {})
    except Exception as error:
        tell(f"the platform asked for a checkpoint ({reason}), but saving failed: {error}")


def local_checkpoint(name: str) -> Path:
    """Where a checkpoint lies outside the platform; any name makes one folder."""
    return LOCAL_FOLDER / quote(name, safe=" ").replace(".", "%2E", 1 if name.startswith(".") else 0)


def _save_remotely(link: Link, name: str, function: PathFunction, metrics: dict[str, float]) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise PodiumError(f"A checkpoint's name has 1 to {LONGEST_NAME} characters, not {len(name)}.")
    import tempfile  # not above: see `staging_folder`

    # The runner takes over only what lies below the session's temporary folder or its code.
    folder = staging_folder(Path(tempfile.gettempdir()), Path.cwd() / STAGING_FOLDER)
    try:
        save_into(folder, function)
        link.request("save", {"name": name, "path": str(folder), "metrics": metrics})
    finally:
        remove_staging(folder)


def _save_locally(name: str, function: PathFunction) -> None:
    target = local_checkpoint(name)
    folder = staging_folder(STAGING_FOLDER)
    try:
        save_into(folder, function)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A crash between the two renames leaves no checkpoint, never half of one.
        if target.exists():
            target.rename(folder.parent / "replaced")
        folder.rename(target)
    finally:
        remove_staging(folder)


def _finite_metrics(metrics: dict[str, object]) -> dict[str, float]:
    """Training goes on when a metric is NaN: the checkpoint is saved without it."""
    finite: dict[str, float] = {}
    for key, value in metrics.items():
        try:
            finite[key] = finite_number(key, value)
        except TypeError as error:
            tell(f"save(): {error} It is left out.")
    return finite
