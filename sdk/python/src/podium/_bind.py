from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._model import InferFunction, Model
from ._session import session


def bind(
    save: object = None,
    load: object = None,
    infer: InferFunction | None = None,
    *,
    batch: bool = True,
    signature: Mapping[str, Any] | None = None,
) -> None:
    """Tells the platform how to save, load and use your model.

    `save(path)` fills the folder `path`, `load(path)` reads it. Instead of the two, an object can be
    given as `save`: its state (torch, Keras) or the object itself is pickled.
    `infer(rows)` gets a list of rows and returns as many predictions; with `batch=False` it gets one row and
    returns one prediction. `signature` declares tensors:
    {"inputs": [{"name": …, "datatype": "FP32", "shape": [-1, 4]}], "outputs": […]}.
    """
    session.model = Model(save, load, infer, batch, signature)
