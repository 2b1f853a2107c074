"""Podium's SDK: report metrics, save checkpoints, let the platform run your model.

Outside the platform every call is harmless; see sdk/python/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from ._bind import bind
from ._errors import PodiumError
from ._infer import infer
from ._load import load
from ._paused import paused
from ._report import report
from ._save import save
from ._session import session as _session
from ._version import VERSION as __version__

if _session.environment.is_on_platform:
    from ._hooks import install_hooks

    install_hooks()

IS_ON_PODIUM: bool = _session.environment.is_on_platform
DATASET_PATH: str = _session.environment.dataset_path
DATASET_NAME: str = _session.environment.dataset_name
DATASETS: Mapping[str, str] = _session.environment.datasets
SESSION_NAME: str = _session.environment.session
GPUS: tuple[str, ...] = _session.environment.gpus
MODE: str = _session.environment.mode

__all__ = [
    "DATASETS",
    "DATASET_NAME",
    "DATASET_PATH",
    "GPUS",
    "IS_ON_PODIUM",
    "MODE",
    "SESSION_NAME",
    "PodiumError",
    "__version__",
    "bind",
    "infer",
    "load",
    "paused",
    "report",
    "save",
]
