"""Execute one notebook in a kernel of its own, forked from the warmed process; what it shows is the same on every run."""

from __future__ import annotations

import asyncio
import copy
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from toolkit import paths
from toolkit.reports.warm import STORE, YEARS

if TYPE_CHECKING:
    from jupyter_client.asynchronous import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

__all__ = ["Execution", "execute", "injected"]

_INJECTED = "injected-parameters"
_START = 60.0  # seconds for a kernel to answer


@dataclass(frozen=True, slots=True)
class Execution:
    """The notebook with its outputs, as far as it went, and what stopped it: empty where nothing did."""

    notebook: NotebookNode
    error: str = ""


def execute(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path,
    root: Path,
    timeout: float | None = None,
    years: str = "",
) -> Execution:
    """Run ``notebook`` with ``parameters`` in ``folder``; what fails in it is told in the result and not raised.

    ``root`` is the project's, as ``paths.project_root`` gives it to the code in the cells. ``timeout`` is in seconds and
    for the whole notebook. ``years`` are the review years whose tables the warmed process holds in memory. No clock and no random identifier is left in the result.
    """
    node = injected(_source(notebook, notebook.stat().st_mtime_ns), parameters)
    run = _Run(node, folder, _environment(root, str(parameters.get("store", "")), years), timeout)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run.all_cells())
    with ThreadPoolExecutor(1) as thread:  # called from a notebook, whose own loop is running
        return thread.submit(asyncio.run, run.all_cells()).result()


@cache
def _source(notebook: Path, _changed: int) -> NotebookNode:
    from papermill.iorw import load_notebook_node

    return load_notebook_node(str(notebook))


def injected(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """A copy without outputs, with ``parameters`` set in a cell of their own behind the default ones."""
    from papermill.parameterize import parameterize_notebook

    result = parameterize_notebook(copy.deepcopy(notebook), dict(parameters), kernel_name="python3", language="python")
    for metadata in (result.metadata, *(cell.metadata for cell in result.cells)):
        metadata.pop("papermill", None)  # what papermill notes down, the time of the run among it
        if metadata.get("tags") == []:
            del metadata["tags"]
    for cell in result.cells:
        if _INJECTED in cell.metadata.get("tags", []):
            cell.id = _INJECTED
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return result


def _environment(root: Path, store: str, years: str) -> dict[str, str]:
    """What a kernel on a bare machine needs: our root, no debugger warning, no user's Jupyter or matplotlib settings."""
    return {
        **os.environ,
        "REVIEW_SHEETS_ROOT": str(root),
        STORE: store,
        YEARS: years,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.package.parent), os.environ.get("PYTHONPATH", "")])),
    }


class _Run:
    def __init__(self, node: NotebookNode, folder: Path, env: dict[str, str], timeout: float | None) -> None:
        self.node, self.folder, self.env, self.timeout = node, folder, env, timeout
        self.clients: list[AsyncKernelClient] = []
        self.cell = 0  # number of the code cell that runs, from 1

    async def all_cells(self) -> Execution:
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        with tempfile.TemporaryDirectory(prefix="review-sheets-") as scratch:
            manager = _manager(Path(scratch))
            limit = asyncio.timeout(self.timeout)
            try:
                channels = await self._start(
                    manager
                )  # has a limit of its own, since the first one waits for the imports
                async with limit:
                    await self._run(manager, channels)
                return Execution(self.node)
            except CellExecutionError as error:
                return Execution(self.node, self._place(f"{error.ename}: {' '.join(str(error.evalue).split())}"))
            except (
                DeadKernelError,
                TimeoutError,
            ):  # nbclient takes a cancellation, whoever asked for it, for a dead kernel
                if limit.expired():
                    return self._stopped("TimeoutError", f"still running after {self.timeout:g} seconds")
                task = asyncio.current_task()
                if task is not None and task.cancelling():  # Ctrl-C
                    raise asyncio.CancelledError from None
                return self._stopped("DeadKernelError", f"the kernel died (exit code {await _exit_code(manager)})")
            except RuntimeError as error:  # it did not start
                return Execution(self.node, f"the kernel failed: {error}")
            finally:
                await manager.shutdown_kernel(now=True)  # nothing that it may still want to say is of use
                for client in self.clients:
                    client.stop_channels()

    async def _start(self, manager: AsyncKernelManager) -> AsyncKernelClient:
        # the log: else it reports on loopback and on being stopped
        extra = ["--IPKernelApp.log_level=CRITICAL", "--HistoryManager.hist_file=:memory:"]
        await manager.start_kernel(extra_arguments=extra, cwd=str(self.folder), env=self.env)
        channels = manager.client()
        self.clients.append(channels)
        channels.start_channels(hb=False)
        self.node.metadata["language_info"] = (await _ready(channels))["language_info"]
        return channels

    async def _run(self, manager: AsyncKernelManager, channels: AsyncKernelClient) -> None:
        from nbclient import NotebookClient

        client = NotebookClient(self.node, km=manager, record_timing=False, timeout=None)
        client.kc = channels
        client.kc.allow_stdin = False
        for index, cell in enumerate(self.node.cells):
            self.cell += cell.cell_type == "code"
            await client.async_execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
        client.set_widgets_metadata()

    def _place(self, what: str) -> str:
        return f"cell [{self.cell}]: {what}"

    def _stopped(self, name: str, what: str) -> Execution:
        """The running cell says in its outputs why it has no more of them."""
        import nbformat

        cells = [cell for cell in self.node.cells if cell.cell_type == "code"]
        if self.cell:
            error = nbformat.v4.new_output("error", ename=name, evalue=what, traceback=[f"{name}: {what}"])
            cells[self.cell - 1].outputs.append(error)
        return Execution(self.node, self._place(what) if self.cell else what)


def _manager(scratch: Path) -> AsyncKernelManager:
    """A manager whose kernel is forked, and speaks over sockets in ``scratch`` where the system has such."""
    from jupyter_client.manager import AsyncKernelManager

    from toolkit.kernels.provisioner import ForkProvisioner

    # ports would be chosen before the kernel takes them: among thousands of kernels some find theirs taken
    transport = "tcp" if sys.platform == "win32" else "ipc"
    connection = {"transport": transport, "connection_file": str(scratch / "kernel.json")}
    manager = AsyncKernelManager(kernel_name="python3", autorestart=False, **connection)
    identity = str(uuid.uuid4())
    manager.provisioner = ForkProvisioner(kernel_id=identity, kernel_spec=manager.kernel_spec, parent=manager)
    return manager


async def _ready(channels: AsyncKernelClient) -> dict[str, Any]:
    """What the kernel says of itself, once it answers and its outputs are heard.

    ``wait_for_ready`` would do, but listens for a fifth of a second more to be sure of silence, once for every report.
    """
    end = time.monotonic() + _START
    while time.monotonic() < end:
        channels.kernel_info()
        try:
            reply = await channels.get_shell_msg(timeout=1)
            await channels.get_iopub_msg(timeout=0.2)
        except Empty:
            if not await channels.is_alive():
                raise RuntimeError("it ended before it answered") from None
        else:
            if reply["msg_type"] == "kernel_info_reply":
                return reply["content"]
    raise RuntimeError(f"no answer within {_START:g} seconds")


async def _exit_code(manager: AsyncKernelManager) -> int | None:
    return await manager.provisioner.poll() if manager.provisioner else None
