"""What jupyter_client knows of it: a provisioner that forks kernels instead of starting an interpreter for each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

from toolkit.kernels.process import CannotForkError, fork_kernel

__all__ = ["ForkProvisioner"]

#: what a notebook of this package imports, what ipykernel imports only when it starts, what libraries put off
_PRELOAD = [
    "ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger", "IPython.extensions.storemagic",
    "tornado.platform.asyncio", "tornado.locks", "psutil", "sqlite3", "encodings.idna",
    "pandas", "pandas.io.formats.html", "pandas.core.methods.to_dict", "pandas.core.reshape.reshape", "pyarrow.pandas_compat",
    "matplotlib.pyplot", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg", "seaborn", "toolkit.*",
]  # fmt: skip

_told: set[str] = set()


class ForkProvisioner(LocalProvisioner):
    """Forks each kernel from a process that has done the imports; starts it the normal way where that cannot be.

    The warmed process belongs to the program that starts the kernels and ends with it; each kernel is a process of its
    own, in a session of its own, and ends with the warmed process.
    """

    preload = List(
        Unicode(), default_value=_PRELOAD, config=True,
        help="Modules that the warmed process imports; 'package.*' is a package with all its modules.",
    )  # fmt: skip

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        try:
            # in a thread: the first kernel waits for the imports
            forked: Any = await asyncio.to_thread(fork_kernel, cmd, self.preload, **kwargs)
        except (CannotForkError, OSError) as error:
            if not getattr(error, "is_expected", False) and str(error) not in _told:
                _told.add(str(error))
                self.log.warning("Kernels are started the normal way, without a warmed process: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = forked, forked.pid, forked.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        await self._ended(within=1.0)  # the manager looks only ten times a second

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart)
        await self._ended(within=1.0)

    async def _ended(self, within: float) -> None:
        pause, left = 0.002, within
        while self.process is not None and left > 0 and await self.poll() is None:
            await asyncio.sleep(pause)
            left -= pause
            pause = min(pause * 1.5, 0.02)
