"""The Open Inference Protocol's datatypes as struct and numpy know them."""

from __future__ import annotations

import sys
from typing import Any

# struct's letter and numpy's name of each datatype. BF16 has neither: it is the upper half of an FP32.
FORMATS = {
    "BOOL": ("?", "?"),
    "UINT8": ("B", "u1"),
    "UINT16": ("H", "<u2"),
    "UINT32": ("I", "<u4"),
    "UINT64": ("Q", "<u8"),
    "INT8": ("b", "i1"),
    "INT16": ("h", "<i2"),
    "INT32": ("i", "<i4"),
    "INT64": ("q", "<i8"),
    "FP16": ("e", "<f2"),
    "FP32": ("f", "<f4"),
    "FP64": ("d", "<f8"),
    "BF16": ("H", "<u2"),
}


def loaded_numpy() -> Any:
    """numpy where the script uses it, else None: one that does not is spared the import."""
    return sys.modules.get("numpy")
