from __future__ import annotations


class PodiumError(Exception):
    """What went wrong and where, in words for the author of the script; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
