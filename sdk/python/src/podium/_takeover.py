"""Infer and serve mode: the platform steps in and the rest of the script never runs."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import NoReturn

from ._errors import PodiumError
from ._failures import describe_failure, print_traceback
from ._model import BIND_INFER
from ._session import session


def take_over_if_asked() -> None:
    """Takes over in infer and serve mode; otherwise, and when that has already happened, returns at once."""
    if session.environment.mode == "train" or session.has_taken_over or not session.is_main_process:
        return
    take_over()


def take_over() -> NoReturn:
    """Loads, then infers or serves, then ends the process: 0 when all went well, 1 after a failure."""
    session.has_taken_over = True
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        _run_mode()
    except BaseException as error:
        report_failure(error)
        print_traceback(error)
        end_process(1)
    end_process(0)


def report_failure(error: BaseException) -> None:
    """Queues the failure; whoever ends the process flushes."""
    if session.link is not None:
        environment = session.environment
        fields = describe_failure(error, session.code_folder, environment.dataset_path)
        session.link.send("failure", fields)


def end_process(code: int) -> NoReturn:
    """Ends without running any more of the script: no `finally`, no atexit, no `except SystemExit`."""
    # Not above: a script's first line does not wait for them.
    import logging
    import multiprocessing

    if session.link is not None:
        session.link.flush()
    for child in multiprocessing.active_children():
        child.terminate()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)


def _run_mode() -> None:
    # Imported here: a training script never needs them.
    from ._inference import run_inference
    from ._serving import serve
    from ._start_checkpoint import load_start_checkpoint

    link, model = session.link, session.model
    if link is None:
        raise PodiumError("There is no platform to take over for.")
    if model is None or model.infer is None:
        raise PodiumError("No infer function is bound.", BIND_INFER)
    load_start_checkpoint()
    if session.environment.mode == "infer":
        run_inference(model, session.environment, link)
    else:
        serve(model, link)
