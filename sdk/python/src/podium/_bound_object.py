"""Saving and loading an object that was bound instead of functions: `bind(model)`, `bind({"net": net})`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

from ._errors import PodiumError

FILE_NAME = "object.pkl"


def is_function(value: object) -> bool:
    """Whether `value` is meant to be called as `save(path)`; models are often callable too."""
    # Imported where they are used, here and below: all scripts start with this module, and few need these.
    import inspect

    if inspect.isroutine(value) or isinstance(value, partial):
        return True
    return callable(value) and not _has(value, "state_dict", "load_state_dict") and not _is_keras(value)


def save_object(target: object, path: str) -> None:
    """Writes the state of `target`: torch's state_dict, Keras's weights, else itself, pickled."""
    import pickle

    torch: Any = sys.modules.get("torch")
    with (Path(path) / FILE_NAME).open("wb") as file:
        if torch is not None:
            torch.save(_state(target), file)
        else:
            pickle.dump(_state(target), file, protocol=4)


def load_object(target: object, path: str) -> None:
    """Puts the saved state back into `target`, in place."""
    import pickle

    torch: Any = sys.modules.get("torch")
    with (Path(path) / FILE_NAME).open("rb") as file:
        # The file is the participant's own, read inside their own sandbox.
        if torch is None:
            state = pickle.load(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=False)
    _restore(target, state)


def _state(target: Any) -> Any:
    if _has(target, "state_dict", "load_state_dict"):
        return target.state_dict()
    if _is_keras(target):
        return target.get_weights()
    if isinstance(target, dict):
        items = cast(dict[Any, Any], target)
        return {key: _state(value) for key, value in items.items()}
    return target


def _restore(target: Any, state: Any) -> None:
    if _has(target, "state_dict", "load_state_dict"):
        target.load_state_dict(state)
    elif _is_keras(target):
        target.set_weights(state)
    elif isinstance(target, dict):
        items = cast(dict[Any, Any], target)
        for key, value in state.items():
            if _has(items.get(key), "state_dict", "load_state_dict") or _is_keras(items.get(key)):
                _restore(items[key], value)
            else:
                items[key] = value
    elif isinstance(target, list):
        target[:] = state
    elif hasattr(target, "__dict__"):
        cast(dict[str, Any], vars(target)).update(cast(dict[str, Any], vars(state)))
    else:
        raise PodiumError(
            f"A {type(target).__name__} can't be loaded in place.",
            "Bind functions instead: podium.bind(save=…, load=…).",
        )


def _has(value: object, *names: str) -> bool:
    return all(callable(getattr(value, name, None)) for name in names)


def _is_keras(value: object) -> bool:
    return _has(value, "get_weights", "set_weights")
