"""What the script bound: its functions, and how rows go through `infer`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, cast

from ._bound_object import is_function, load_object, save_object
from ._checkpoint_folder import PathFunction
from ._datatypes import loaded_numpy
from ._errors import PodiumError
from ._parameters import ParameterMode, Parameters, RowParameters, as_keyword, mode_of
from ._signature import Signature, read_signature

InferFunction = Callable[..., Any]

BIND_INFER = "Call podium.bind(infer=…) before podium.paused() and before the first report() or save()."
SAME_LENGTH = (
    "infer gets a list of rows and must return one prediction for each, in the same order; "
    "to be given one row at a time, use podium.bind(infer=…, batch=False)."
)


class Model:
    """The bound functions; `save` and `load` stand for the bound object where an object was bound."""

    def __init__(
        self, save: object, load: object, infer: InferFunction | None, batch: bool, signature: object
    ) -> None:
        for name, value in (("load", load), ("infer", infer)):
            if value is not None and not callable(value):
                raise TypeError(f"bind({name}=…) takes a function, not {type(value).__name__}.")
        target = None if save is None or is_function(save) else save
        self.save: PathFunction | None = _as_function(save)
        self.load: PathFunction | None = _as_function(load)
        if target is not None:
            self.save = lambda path: save_object(target, path)
            self.load = self.load or (lambda path: load_object(target, path))
        self.infer = infer
        self.batch = batch
        self.declares_signature = signature is not None
        self.parameters: ParameterMode = mode_of(infer, batch)
        self.signature: Signature = read_signature(signature, batch)
        if self.parameters != "none":
            self.signature["parameters"] = self.parameters

    def predict(self, rows: list[Any], keep_array: bool = False, parameters: RowParameters = None) -> Any:
        """One prediction a row, a list; with `keep_array` a numpy array where `infer` answers with one.

        `parameters` are those of each row. Raises `PodiumError` when `infer` is missing or answers in another
        length.
        """
        infer = self.bound_infer()
        if not self.batch:
            if self.parameters == "none":
                return [infer(row) for row in rows]
            each = parameters or [Parameters() for _ in rows]
            return [infer(row, parameters=own) for row, own in zip(rows, each)]
        expected = len(rows)
        answer = infer(rows, **as_keyword(self.parameters, parameters, expected))
        array = as_array(answer) if keep_array else None
        if array is not None and array.ndim > 0 and len(array) == expected:
            return array
        return as_predictions(answer, expected)

    def bound_infer(self) -> InferFunction:
        if self.infer is None:
            raise PodiumError("No infer function is bound.", BIND_INFER)
        return self.infer


def as_array(value: object) -> Any:
    """A numpy array, or a torch tensor as one; None for anything else."""
    numpy = loaded_numpy()
    if numpy is None or isinstance(value, numpy.ndarray):
        return None if numpy is None else value
    torch: Any = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        try:
            return cast(Any, value).detach().cpu().numpy()
        except (TypeError, RuntimeError):  # a datatype that numpy does not have
            return None
    return None


def as_predictions(answer: object, expected: int) -> list[Any]:
    """`answer` (list, array, tensor, series, iterable) as a list of `expected` predictions."""
    to_list = getattr(answer, "tolist", None)
    plain: object = to_list() if callable(to_list) else answer
    if isinstance(plain, (str, bytes, dict)) or not isinstance(plain, Iterable):
        kind = type(answer).__name__
        raise PodiumError(f"infer returned a {kind} for {expected} rows, not a list.", SAME_LENGTH)
    values = cast(Iterable[Any], plain)
    predictions = values if isinstance(values, list) else list(values)
    if len(predictions) != expected:
        raise PodiumError(f"infer returned {len(predictions)} predictions for {expected} rows.", SAME_LENGTH)
    return predictions


def _as_function(value: object) -> Callable[[str], object] | None:
    return value if callable(value) else None
