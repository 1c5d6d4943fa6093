"""The client's side: start the warmed process, ask it for a kernel, and handle that kernel as a ``subprocess.Popen``."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.kernels.server import EXITED, READY, STARTED

__all__ = ["CannotForkError", "ForkedProcess", "fork_kernel"]

#: variables that belong to one kernel or one moment; any other makes a difference to what imports do
_PASSING = (
    "JPY_PARENT_PID",
    "JPY_SESSION_NAME",
    "PYTEST_CURRENT_TEST",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "COLUMNS",
    "LINES",
)
#: libraries that would start threads at import; a kernel's own environment is untouched by this
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
           "JE_ARROW_MALLOC_CONF": "background_thread:false"}  # fmt: skip
_MESSAGE = struct.Struct("!ci")


class CannotForkError(Exception):
    """This kernel must be started the normal way; ``is_expected`` where that is nothing to tell anybody."""

    def __init__(self, reason: str, *, is_expected: bool = False) -> None:
        super().__init__(reason, is_expected)
        self.is_expected = is_expected

    def __str__(self) -> str:
        return str(self.args[0])


class ForkedProcess:
    """A forked kernel with the methods of ``subprocess.Popen`` that jupyter_client uses; its pipe tells of its end."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pipe: int, server: _Server) -> None:
        self.pid, self._pipe, self._server = pid, pipe, server  # the server lives as long as a kernel of it
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code; None while it runs. A kernel whose server has gone was killed with it."""
        with self._lock:
            if self.returncode is None and _is_readable(self._pipe, 0):
                word, code = _hear(self._pipe)
                os.close(self._pipe)
                self.returncode = code if word == EXITED else -signal.SIGKILL
            return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end; subprocess.TimeoutExpired where it does not come in time."""
        if self.returncode is None and not _is_readable(self._pipe, timeout):
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return self.poll()

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(OSError):
                os.close(self._pipe)


class _Server:
    """A warmed process for one interpreter, one list of modules and one environment; ends when nothing refers to it."""

    def __init__(self, interpreter: Sequence[str], preload: Sequence[str], env: Mapping[str, str]) -> None:
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [*interpreter, "-m", "toolkit.kernels.server", str(theirs.fileno()), *preload],
                env={**_SINGLE, **env}, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        said = self.channel.recv(500)
        if said != READY:
            self.close()
            raise CannotForkError(f"the warmed process did not start: {said.decode(errors='replace') or 'it ended'}")

    def close(self) -> None:
        """Hang up; the process ends by itself and takes its kernels along."""
        self.channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)

    def __del__(self) -> None:
        if hasattr(self, "process"):
            self.close()

    def fork(self, request: Mapping[str, Any], streams: Sequence[int]) -> ForkedProcess | None:
        """A new kernel; None where this process is out of date or gone."""
        ours, theirs = os.pipe()
        try:
            data = json.dumps(request).encode()
            socket.send_fds(self.channel, [struct.pack("!I", len(data))], [*streams, theirs])
            self.channel.sendall(data)
        except BrokenPipeError:
            os.close(theirs)
            os.close(ours)
            return None
        os.close(theirs)
        word, pid = _hear(ours)
        if word == STARTED:
            return ForkedProcess(pid, ours, self)
        os.close(ours)
        return None


def _hear(pipe: int) -> tuple[bytes, int]:
    """One message of a kernel's pipe; an empty word where its writers have gone."""
    data = os.read(pipe, _MESSAGE.size)
    return _MESSAGE.unpack(data) if len(data) == _MESSAGE.size else (b"", 0)


def _is_readable(pipe: int, timeout: float | None) -> bool:
    poll = select.poll()  # select() cannot watch file numbers above 1023
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


_lock = threading.Lock()
_current: tuple[object, _Server | CannotForkError] | None = None


def fork_kernel(command: Sequence[str], preload: Sequence[str], *, env: Mapping[str, str], cwd: object = None,
                stdin: Any = None, stdout: Any = None, stderr: Any = None, **others: Any) -> ForkedProcess:  # fmt: skip
    """A kernel for the command ``python … -m ipykernel_launcher …``, from a process that has imported ``preload``.

    Raises CannotForkError for any other command, for launch options that need a start of its own, and on systems where
    a fork is not safe.
    """
    if "ipykernel_launcher" not in command or command[command.index("ipykernel_launcher") - 1] != "-m":
        raise CannotForkError("not a kernel of ipykernel", is_expected=True)
    unknown = {name: value for name, value in others.items() if value and name not in ("kernel_id", "extra_arguments")}
    if unknown or any(stream in (subprocess.PIPE, subprocess.STDOUT) for stream in (stdin, stdout, stderr)):
        raise CannotForkError(f"started with options of its own: {', '.join(unknown) or 'pipes'}", is_expected=True)
    if not sys.platform.startswith("linux"):
        raise CannotForkError(f"a process with libraries loaded cannot be forked safely on {sys.platform}")
    at = command.index("ipykernel_launcher")
    request = {
        "argv": list(command[at:]),
        "cwd": str(cwd or Path.cwd()),
        "env": {**env, "JPY_PARENT_PID": str(os.getpid())},
    }
    with _lock, Path(os.devnull).open("r+b") as nothing:
        files = [_number(stdin, nothing.fileno(), nothing), _number(stdout, 1, nothing), _number(stderr, 2, nothing)]
        for _ in range(2):  # the second time with a new server
            made = _server(command[: at - 1], preload, env).fork(request, files)
            if made:
                return made
            _forget()
    raise CannotForkError("the warmed process ends as soon as it has started")


def _number(stream: Any, default: int, nothing: Any) -> int:
    if stream is None:
        return default
    if stream == subprocess.DEVNULL:
        return nothing.fileno()
    return stream if isinstance(stream, int) else stream.fileno()


def _server(interpreter: Sequence[str], preload: Sequence[str], env: Mapping[str, str]) -> _Server:
    """The current server, or a new one where anything that imports may depend on is different."""
    global _current
    lasting = tuple(sorted((name, value) for name, value in env.items() if name not in _PASSING))
    wanted = (tuple(interpreter), tuple(preload), lasting)
    if _current is None or _current[0] != wanted:
        _current = None
        try:
            server: _Server | CannotForkError = _Server(interpreter, preload, dict(lasting))
        except CannotForkError as error:
            server = error  # not tried again
        _current = (wanted, server)
    if isinstance(_current[1], CannotForkError):
        raise _current[1]
    return _current[1]


def _forget() -> None:
    global _current
    _current = None


atexit.register(_forget)


def _forget_in_fork() -> None:
    """A fork of this process must not keep the server alive, nor speak to it."""
    global _lock
    if _current is not None and isinstance(_current[1], _Server):
        _current[1].channel.close()
        del _current[1].process
    _forget()
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_fork)
