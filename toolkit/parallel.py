"""The one way to do many things at once: in this process, in local processes, or on a Dask cluster.

Every fan-out of the package (reading files, building, rendering) goes through ``run``; a function it is given and
that function's arguments and results must be picklable.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar

from toolkit.errors import ToolkitError, UsageError, WorkerError

__all__ = ["cores", "run"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    function: Callable[[Item], Result], items: Iterable[Item], *, jobs: int | None = None, scheduler: str | None = None
) -> Iterator[tuple[Item, Result | ToolkitError]]:
    """Apply ``function`` to every item; yields (item, result) in the order of the items, as they become ready.

    Parameters
    ----------
    jobs : processes on this machine; 1 works in this process; default is one per core
    scheduler : address of a Dask cluster ("tcp://host:8786") whose workers have this package and see the same folder

    A ToolkitError of one item is yielded in place of its result, and so is a WorkerError where a process died on it;
    the rest goes on; when a worker of a cluster dies, others take up what it had. Any other exception is a defect and is raised. Only a few items per process are under way at
    once, so memory does not grow with their number.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be at least 1, not {jobs}")
    if scheduler:
        yield from _on_cluster(function, items, scheduler)
    elif (jobs or cores()) == 1:
        for item in items:
            yield item, _attempt(function, item)
    else:
        yield from _in_processes(function, items, jobs or cores())


def _attempt(function: Callable[[Item], Result], item: Item) -> Result | ToolkitError:
    try:
        return function(item)
    except ToolkitError as error:
        return error


def _in_processes(function: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, Any]]:
    queue = iter(items)
    window: deque[tuple[Item, Future[Any]]] = deque()
    pool = _pool(jobs, function)
    try:
        while True:
            window.extend((item, _submit(pool, function, item)) for item in islice(queue, 4 * jobs - len(window)))
            if not window:
                return
            item, future = window.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:  # some process died, on this item or on another of the window
                pool.shutdown(wait=False, cancel_futures=True)
                pool = _pool(jobs, function)
                window = deque(
                    (other, done if _is_done(done) else _submit(pool, function, other)) for other, done in window
                )
                result = _alone(function, item)
            yield item, result
    except BaseException:  # the caller was stopped, or wants no more results
        _stop(pool)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


# forkserver: a plain fork would inherit the locks of whatever threads the caller's libraries run
_Base: Any = get_context("forkserver" if os.name == "posix" else "spawn")


class _Worker(_Base.Process):
    """A process that does not run the caller's script again: one without ``if __name__ == "__main__"`` would start over in it."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802
        caller = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return _Base.Process._Popen(process)
        finally:
            sys.modules["__main__"] = caller


class _Workers(type(_Base)):  # type: ignore[misc]
    Process = _Worker


def _pool(jobs: int, function: Callable[..., Any]) -> ProcessPoolExecutor:
    context = _Base if getattr(function, "__module__", "") == "__main__" else _Workers()
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_depend_on_parent)


def _depend_on_parent() -> None:
    """In a worker: end when the parent does, however that ends, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once, in the middle of their work: nobody waits for it any more."""
    workers = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.terminate()


def _submit(pool: ProcessPoolExecutor, function: Callable[[Item], Result], item: Item) -> Future[Any]:
    try:
        return pool.submit(_attempt, function, item)
    except BrokenProcessPool as error:  # it broke since the last result; found out when this one's turn comes
        future: Future[Any] = Future()
        future.set_exception(error)
        return future


def _is_done(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _alone(function: Callable[[Item], Result], item: Item) -> Result | ToolkitError:
    """In a process of its own: whoever kills that one is the culprit."""
    with _pool(1, function) as pool:
        try:
            return pool.submit(_attempt, function, item).result()
        except BrokenProcessPool:
            return WorkerError(f"{item}: the process that works on it dies, also when it works on nothing else")


def _on_cluster(function: Callable[[Item], Result], items: Iterable[Item], address: str) -> Iterator[tuple[Item, Any]]:
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise UsageError("a Dask cluster needs the package 'distributed': pip install distributed") from error
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        queue = iter(items)
        under_way: deque[tuple[Item, Any]] = deque()
        while True:
            width = 4 * max(1, sum(client.ncores().values()))  # workers come and go
            for item in islice(queue, max(width - len(under_way), 0)):
                under_way.append((item, client.submit(_attempt, function, item, pure=False)))
            if not under_way:
                return
            item, future = under_way.popleft()
            try:
                result = future.result()
            except KilledWorker:  # Dask gives up on an item after some workers died on it
                result = WorkerError(f"{item}: every worker of the cluster that takes it up dies")
            except CancelledError as error:
                raise WorkerError(f"the Dask cluster at {address} has gone; what was under way is lost") from error
            yield item, result
