"""The warmed process: imports done once, then a fresh kernel forked from it for every run.

``python -m toolkit.kernels.server FD MODULE…`` reads requests from the socket FD until its other end is closed; then it
and its kernels end. ``package.*`` stands for a package with all its modules. Only a process with a single thread is
forked: a thread does not survive a fork, and a lock that it held would stay locked.

A module may have a function ``warm_up()``: it is called once, before the fourth kernel, so that who wants only a few does
not wait for it; before the first where an ``is_long_run()`` says that there will be many. It must start no thread and
leave nothing that changes what a kernel shows.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

__all__ = ["EXITED", "READY", "STALE", "STARTED", "main"]

#: what the server says first, and what it says in the pipe of a kernel, with a number for the latter three
READY, STARTED, EXITED, STALE = b"ready", b"S", b"X", b"O"

_PR_SET_PDEATHSIG = 1
_WARM_UP_BEFORE = 4  # what it takes is saved again after about as many more


def main() -> None:
    """Import, announce, then fork a kernel for every request."""
    parent = os.getppid()
    channel = socket.socket(fileno=int(sys.argv[1]))
    if sys.path[0] in ("", str(Path.cwd())):  # a file in the working directory must not shadow a library
        del sys.path[0]
    before = dict(os.environ)
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]  # pandas asks, as it is imported
    for name in _modules(sys.argv[2:]):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del builtins.get_ipython  # type: ignore[attr-defined]
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        channel.sendall(f"{threads} threads run after the imports".encode())
        return
    server = _Server(channel, parent, {name: value for name, value in os.environ.items() if name not in before})
    gc.collect()
    gc.freeze()  # collections in the kernels leave the shared pages alone
    channel.sendall(READY)
    server.serve()


def _modules(names: list[str]) -> Iterator[str]:
    for name in names:
        yield name.removesuffix(".*")
        package = sys.modules.get(name.removesuffix(".*"))
        if name.endswith(".*") and package is not None:
            found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _: None)
            yield from (module.name for module in found if not module.name.endswith("__main__"))


class _Server:
    """Kernels by process number, each with the pipe in which its client waits for the exit code."""

    def __init__(self, channel: socket.socket, parent: int, made: dict[str, str]) -> None:
        self.channel, self.parent = channel, parent
        self.made = made  # variables that the imports set, as they do in any kernel
        self.asked = 0
        self.kernels: dict[int, int] = {}
        matplotlib = sys.modules.get("matplotlib")
        self.settings_file = matplotlib.matplotlib_fname() if matplotlib else ""
        self.sources = _sources(self.settings_file)
        self.libc = ctypes.CDLL(None)
        self.wake, self.alarm = os.pipe()
        for end in (self.wake, self.alarm):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self.alarm, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        while os.getppid() == self.parent:  # the socket may live on in a fork of the parent
            ready, _, _ = select.select([self.channel.fileno(), self.wake], [], [], 1.0)
            self.reap()
            if self.channel.fileno() in ready:
                request, files = _receive(self.channel)
                if request is None:
                    break
                self.answer(request, files)
        self.end()

    def end(self) -> NoReturn:
        for pid in self.kernels:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        while self.kernels:  # what they used of the processor is counted with this process
            self.kernels.pop(os.wait()[0], None)
        os._exit(0)  # no need to take all modules apart

    def is_wanted(self) -> bool:
        """Whether the parent lives and has not hung up."""
        ends = select.poll()
        ends.register(self.channel, 0)
        return os.getppid() == self.parent and not ends.poll(0)

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.wake, 512):
                pass
        while self.kernels:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            pipe = self.kernels.pop(pid)
            _tell(pipe, EXITED, os.waitstatus_to_exitcode(status))
            os.close(pipe)

    def warm_up(self) -> None:
        signal.signal(signal.SIGALRM, lambda *_: None if self.is_wanted() else self.end())
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        list(_hooks("warm_up"))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        self.sources = {**_sources(self.settings_file), **self.sources}  # it may have imported more
        gc.collect()
        gc.freeze()

    def answer(self, request: dict[str, Any], files: list[int]) -> None:
        *streams, pipe = files
        self.asked += 1
        if self.asked == 1 and any(_hooks("is_long_run")):
            self.warm_up()
            self.asked = _WARM_UP_BEFORE
        elif self.asked == _WARM_UP_BEFORE:
            self.warm_up()
        if any(_changed(path) != time for path, time in self.sources.items()):
            _tell(pipe, STALE, 0)
            os.close(pipe)
        else:
            server, kernel = os.getpid(), os.fork()
            if kernel == 0:
                _settle(self.libc, server)
                request["env"] = {**self.made, **request["env"]}
                inherited = [self.channel.detach(), self.wake, self.alarm, *self.kernels.values()]
                _become_kernel(request, files, inherited, self.settings_file)
            self.kernels[kernel] = pipe
        for file in streams:
            os.close(file)


def _hooks(name: str) -> Iterator[Any]:
    """What the functions of one name say, in all modules."""
    for hook in [vars(module).get(name) for module in list(sys.modules.values()) if module]:
        if callable(hook):
            with contextlib.suppress(Exception):
                yield hook()


def _sources(*files: str) -> dict[str, int]:
    """What was imported, with its time of change: files still being worked on, folders of what is installed, ``files``."""
    installed = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    imported = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    own = {file for file in imported if file and not os.path.realpath(file).startswith(tuple(installed))}
    return {path: _changed(path) for path in (*own, *installed, *filter(None, files))}


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next request with its files: stdin, stdout, stderr and the pipe; None when nobody can send any more."""
    head, files, _, _ = socket.recv_fds(channel, 4, 4)
    if len(head) < 4:
        return None, files
    left, parts = struct.unpack("!I", head)[0], []
    while left:
        part = channel.recv(left)
        if not part:
            return None, files
        parts.append(part)
        left -= len(part)
    return json.loads(b"".join(parts)), files


def _tell(pipe: int, word: bytes, number: int) -> None:
    with contextlib.suppress(OSError):  # nobody may listen any more
        os.write(pipe, word + struct.pack("!i", number))


# -- in the kernel's process
def _settle(libc: ctypes.CDLL, server: int) -> None:
    """Die with the server; take signals as a new process does; lead a session of its own."""
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()


def _become_kernel(request: dict[str, Any], files: list[int], inherited: list[int], settings_file: str) -> NoReturn:
    """Take files, environment, folder and arguments of the request, then be the kernel until it ends."""
    code = 1
    try:
        *streams, pipe = files
        for number, file in enumerate(streams):
            os.dup2(file, number)
        for file in (*streams, *inherited):
            os.close(file)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        launcher = importlib.util.find_spec(request["argv"][0])
        sys.argv = [launcher.origin or "" if launcher else "", *request["argv"][1:]]
        sys.__stdout__.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]
        _tell(pipe, STARTED, os.getpid())
        os.close(pipe)
        code = _run_kernel(settings_file)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        with contextlib.suppress(BaseException):  # as an interpreter that ends, without taking every module apart
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            sys.__stdout__.flush()  # type: ignore[union-attr]
            sys.__stderr__.flush()  # type: ignore[union-attr]
        os._exit(code)


def _run_kernel(settings_file: str) -> int:
    from ipykernel.kernelapp import IPKernelApp

    numpy, matplotlib = sys.modules.get("numpy"), sys.modules.get("matplotlib")
    if numpy is not None:
        numpy.random.seed()
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.init_poller = lambda: None  # type: ignore[method-assign]  # the system itself ends us with our parent
    app.initialize(sys.argv[1:])
    if matplotlib is not None:  # as if it were imported only now, in this folder, with the kernel's backend
        if matplotlib.matplotlib_fname() != settings_file:
            fresh = matplotlib.rc_params()
            matplotlib.rcParams._update_raw(fresh)
            matplotlib.rcParamsOrig._update_raw(fresh)
        if os.environ.get("MPLBACKEND"):
            matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]
    app.start()
    for thread in (app.control_thread, app.shell_channel_thread):
        if (
            thread is not None and thread.is_alive()
        ):  # else it may wait in vain for the output thread that ends before it
            thread.stop()
            thread.join(1)
    return 0


if __name__ == "__main__":
    main()
