"""One build at a time: a lock that the system takes away with the process that holds it, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit import paths
from toolkit.errors import StoreError

__all__ = ["locked"]


@contextmanager
def locked(folder: Path, what: str = "build") -> Iterator[None]:
    """Hold ``folder`` for one build, or whatever; StoreError while another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock(handle)
        except OSError as error:
            raise StoreError(
                f"{paths.shown(folder)}: another {what} is under way there; wait until it has ended"
            ) from error
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
