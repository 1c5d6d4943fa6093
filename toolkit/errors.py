"""Errors raised on purpose: one base to catch, one subclass per thing a user can do about it.

Every argument is handed to ``super().__init__`` so that an error survives pickling and can cross a
process pool with nothing lost.
"""

from __future__ import annotations

from pathlib import PurePath

__all__ = [
    "DamagedFileError",
    "EmptyFileError",
    "LimitError",
    "LockedFileError",
    "NoTextError",
    "NotFoundError",
    "ReportError",
    "SchemaError",
    "SourceError",
    "StoreError",
    "ToolkitError",
    "UnknownFormError",
    "UsageError",
    "WorkerError",
]


class ToolkitError(Exception):
    """Base of every error this package raises on purpose; catch this one."""


class UsageError(ToolkitError, ValueError):
    """A call or a command line that cannot be carried out as written; change the arguments."""


class NotFoundError(ToolkitError, LookupError):
    """A sheet, table or store that was asked for is not there."""


class SchemaError(ToolkitError, ValueError):
    """A frame does not keep the contract of its table (``toolkit.TABLES``); names table, column and value."""


class ReportError(ToolkitError, RuntimeError):
    """A notebook failed while a report was made; names notebook, cell and the cell's own error."""


class StoreError(ToolkitError, RuntimeError):
    """A store that cannot be built or read as it stands: another build is running, or another version wrote it."""


class WorkerError(ToolkitError, RuntimeError):
    """A worker process died on an item, more than once; the other items are not affected."""


class SourceError(ToolkitError, ValueError):
    """A source file that cannot be read as a review sheet.

    Parameters
    ----------
    path : file as the user gave it
    where : place in the file ("line 3", "page 2", "sheet 1 cell F14", "whole file")
    found, expected : what stands there and what should
    hint : the next step for the user
    """

    def __init__(self, path: str | PurePath, where: str, found: str, expected: str, hint: str = "") -> None:
        super().__init__(str(path), where, found, expected, hint)

    @property
    def path(self) -> str:
        return str(self.args[0])

    def __str__(self) -> str:
        path, where, found, expected, hint = self.args
        return f"{path}, {where}: expected {expected}, found {found}. {hint}".rstrip()


class EmptyFileError(SourceError):
    """The file has no content; download it again."""


class DamagedFileError(SourceError):
    """Truncated, wrongly encoded or otherwise unreadable; obtain a whole copy."""


class LockedFileError(SourceError):
    """Encrypted or password-protected; save a copy without a password."""


class NoTextError(SourceError):
    """A scan: pictures without a text layer; run text recognition (OCR) on it first."""


class UnknownFormError(SourceError):
    """Readable, but none of the forms this package knows."""


class LimitError(SourceError):
    """Larger than any real sheet (pages, cells, unpacked size); refused to keep time and memory bounded."""
