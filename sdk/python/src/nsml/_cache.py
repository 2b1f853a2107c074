from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any


def cache(fn: Callable[..., object], output_path: str | Sequence[str] = (), **kw: Any) -> None:
    """Calls `fn(output_path, **kw)`, which writes the files in `output_path`, unless all of them exist."""
    paths = [output_path] if isinstance(output_path, str) else list(output_path)
    if not paths or not all(os.path.exists(path) for path in paths):
        fn(output_path, **kw)
