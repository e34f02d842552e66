"""The exceptions that only this package raises."""

from __future__ import annotations

__all__ = ["BackendUnavailableError"]


class BackendUnavailableError(ImportError):
    """A known backend was asked for by name and is not there.

    Attributes:
        backend: the name that was asked for.
        reason: why it is missing, as stored by the build or told by the import.
        remedy: what to do about it.
    """

    def __init__(self, backend: str, reason: str, remedy: str) -> None:
        super().__init__(f"the {backend} backend is not available: {reason}. {remedy}")
        self.backend = backend
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[BackendUnavailableError], tuple[str, str, str]]:
        return type(self), (self.backend, self.reason, self.remedy)
