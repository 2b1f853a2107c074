from __future__ import annotations

import sys


def is_multiprocessing_child() -> bool:
    """Whether multiprocessing started this process. Importing it to ask would delay every first line."""
    # In such a process it is there: the parent had it when it forked, or the child began with it.
    module = sys.modules.get("multiprocessing.process")
    ask = getattr(module, "parent_process", None)
    return ask is not None and ask() is not None
