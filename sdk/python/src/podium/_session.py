"""The state of this process: what it was told, what the script bound, its link to the runner."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._environment import Environment, read_environment
from ._link import Link
from ._model import Model
from ._process import is_multiprocessing_child


class Session:
    def __init__(self, environment: Environment, code_folder: Path) -> None:
        self.environment = environment
        self.code_folder = code_folder
        self.link = self._open_link()
        self.model: Model | None = None
        # Worker processes report, but only the process that runs the script infers, serves and fails for it.
        self.is_main_process = not is_multiprocessing_child()
        self.has_taken_over = False
        self.has_crashed = False
        self.start_checkpoint_loaded = False
        self.scope: Mapping[str, Any] | None = None

    def on_main_thread(self) -> bool:
        return self.is_main_process and threading.current_thread() is threading.main_thread()

    def after_fork_in_child(self) -> None:
        """A child keeps what is bound but talks to the runner, if at all, over a connection of its own."""
        if self.link is not None:
            self.link.abandon()
            self.link = self._open_link()
        self.is_main_process = False

    def _open_link(self) -> Link | None:
        environment = self.environment
        if not environment.socket:
            return None
        link = Link(environment.socket, environment.mode)
        link.can_save = self._can_save
        return link

    def _can_save(self) -> bool:
        """Whether waiting may bring a checkpoint. Who serves or predicts ends in its own way."""
        if self.environment.mode != "train":
            return True
        return self.is_main_process and self.model is not None and self.model.save is not None


def _code_folder() -> Path:
    with contextlib.suppress(OSError):
        return Path.cwd().resolve()
    return Path("/")


session = Session(read_environment(os.environ), _code_folder())
