"""Forked kernels: clean state for every run, nothing left behind, and any Jupyter program may use them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from toolkit import build
from toolkit.kernels import NAME
from toolkit.kernels.provisioner import ForkProvisioner

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")

PRELOAD = ["ipykernel.kernelapp", "pandas", "matplotlib.pyplot"]  # enough for these tests, and quick


def notebook(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells])


@contextmanager
def kernel(kind: type[LocalProvisioner] = ForkProvisioner, **launch: Any) -> Iterator[Any]:
    """A running kernel and a client of it."""
    manager = KernelManager(kernel_name="python3")
    options = {"preload": PRELOAD} if kind is ForkProvisioner else {}
    manager.provisioner = kind(kernel_id=str(uuid.uuid4()), kernel_spec=manager.kernel_spec, parent=manager, **options)
    manager.start_kernel(extra_arguments=["--IPKernelApp.log_level=CRITICAL"], **launch)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def said(client: Any, code: str) -> str:
    """What ``code`` prints, or the name of the error it ends with."""
    out: list[str] = []
    reply = client.execute_interactive(
        textwrap.dedent(code), timeout=30,
        output_hook=lambda message: out.append(message["content"].get("text", "")) if message["msg_type"] == "stream" else None,
    )  # fmt: skip
    return "".join(out).strip() if reply["content"]["status"] == "ok" else reply["content"]["ename"]


def run(code: str, **options: Any) -> str:
    with kernel(**options) as (_, client):
        return said(client, code)


def ends(is_over: Callable[[], bool], within: float = 10) -> bool:
    end = time.monotonic() + within
    while not is_over() and time.monotonic() < end:
        time.sleep(0.05)
    return is_over()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_nothing_of_a_run_is_seen_by_the_next() -> None:
    spoil = """
        import sys, os, matplotlib, numpy
        left_over = 1
        numpy.median = None
        os.environ["LEFT_OVER"] = "1"
        os.chdir("/")
        matplotlib.rcParams["lines.linewidth"] = 77
        numpy.random.seed(1)
        sys.modules["left_over"] = os
        print("spoiled")
    """
    look = """
        import sys, os, numpy, matplotlib
        print("left_over" in globals(), numpy.median is None, "LEFT_OVER" in os.environ, os.getcwd() == "/",
              matplotlib.rcParams["lines.linewidth"], "left_over" in sys.modules)
    """
    assert run(spoil) == "spoiled"
    assert run(look) == "False False False False 1.5 False"


def test_every_run_is_a_process_of_its_own_with_its_own_randomness() -> None:
    code = """
        import os, sys
        warm = "matplotlib.pyplot" in sys.modules
        import random, numpy
        print(warm, os.getpid(), random.random(), numpy.random.random())
    """
    runs = [run(code).split() for _ in range(2)]
    assert [warm for warm, *_ in runs] == ["True", "True"]
    assert not set(runs[0][1:]) & set(runs[1][1:])


def test_a_forked_kernel_is_like_one_started_the_normal_way(tmp_path: Path) -> None:
    """Arguments, paths, environment, folder, session, signals, streams, threads and the plots' backend."""
    code = """
        import gc, json, locale, os, signal, sys, threading
        import matplotlib.pyplot as plt, pandas
        plt.figure()
        changing = {"JPY_PARENT_PID"}
        print(json.dumps({
            "argv": [part for part in sys.argv if not part.endswith(".json")], "path": sys.path, "cwd": os.getcwd(),
            "env": {name: value for name, value in os.environ.items() if name not in changing},
            "session": os.getsid(0) == os.getpid() == os.getpgid(0),
            "signals": [repr(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)],
            "stdin": sys.stdin.read(), "stdout": str(sys.__stdout__.encoding), "gc": [gc.isenabled(), gc.get_threshold()],
            "threads": sorted({type(thread).__name__ for thread in threading.enumerate()} - {"ParentPollerUnix"}),
            "locale": locale.getlocale(), "flags": str(sys.flags), "main": __name__, "shell": str(type(get_ipython())),
            "backend": plt.get_backend(), "interactive": plt.isinteractive(), "size": plt.rcParams["figure.figsize"],
            "columns": pandas.get_option("display.max_columns"), "frame": repr(pandas.DataFrame([["x" * 30] * 5])),
        }))
    """
    (tmp_path / "matplotlibrc").write_text("figure.figsize: 3, 2\n")
    env = {**os.environ, "OF_THIS_RUN": "yes"}
    forked, normal = (
        json.loads(run(code, kind=kind, cwd=str(tmp_path), env=env)) for kind in (ForkProvisioner, LocalProvisioner)
    )
    assert forked == normal
    assert forked["env"]["OF_THIS_RUN"] == "yes"
    assert forked["size"] == [3.0, 2.0]


@pytest.mark.parametrize(
    ("code", "exit_code"), [("import os; os._exit(3)", 3), ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV)]
)
def test_a_kernel_that_crashes_takes_nothing_with_it(code: str, exit_code: int) -> None:
    with kernel() as (_, other), kernel() as (manager, client):
        client.execute(code)
        assert ends(lambda: not manager.is_alive())
        assert asyncio.run(manager.provisioner.poll()) == exit_code
        assert said(other, "print('alive')") == "alive"
    assert run("print('next')") == "next"


def test_a_kernel_can_be_interrupted_killed_and_restarted() -> None:
    with kernel() as (manager, client):
        asked = client.execute("import subprocess; subprocess.run(['sleep', '60'])")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=20)
        while reply["parent_header"]["msg_id"] != asked:
            reply = client.get_shell_msg(timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert said(client, "print('on')") == "on"
        first = manager.provisioner.pid
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert manager.provisioner.pid != first
        assert is_gone(first)
        sleeper = int(said(client, "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"))
    assert ends(lambda: is_gone(manager.provisioner.pid) and is_gone(sleeper))


def test_what_a_notebook_leaves_for_its_end_is_done(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with kernel() as (manager, client):
        said(client, f"import atexit, pathlib; atexit.register(pathlib.Path({str(note)!r}).write_text, 'done')")
        manager.shutdown_kernel()
    assert note.read_text() == "done"


@pytest.mark.parametrize("victim", ["client", "server"])
def test_kernels_end_with_the_process_they_came_from(victim: str) -> None:
    script = f"""
        import sys, time
        sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
        from tests import test_kernels
        from toolkit.kernels import process
        with test_kernels.kernel() as (manager, client):
            print(process._current[1].process.pid, manager.provisioner.pid, flush=True)
            while manager.is_alive():
                time.sleep(0.05)
            print(manager.provisioner.process.poll(), test_kernels.run("print('again')"), flush=True)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True) as client:
        server, started = (int(number) for number in client.stdout.readline().split())
        os.kill(client.pid if victim == "client" else server, signal.SIGKILL)
        assert ends(lambda: is_gone(server) and is_gone(started))
        if victim == "server":
            assert client.stdout.readline().split() == [str(-signal.SIGKILL), "again"]


def test_what_was_edited_since_is_imported_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "being_edited.py"
    module.write_text("value = 1\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setitem(globals(), "PRELOAD", [*PRELOAD, "being_edited"])
    with kernel() as (_, older):
        assert said(older, "import being_edited; print(being_edited.value)") == "1"
        module.write_text("value = 22\n")
        assert run("import being_edited; print(being_edited.value)") == "22"
        assert said(older, "print(being_edited.value)") == "1"


def test_elsewhere_kernels_start_the_normal_way_with_one_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.kernels.process.sys.platform", "darwin")
    monkeypatch.setattr("toolkit.kernels.provisioner._told", set())
    notes = []
    monkeypatch.setattr(
        ForkProvisioner, "log", type("Log", (), {"warning": lambda _, *said: notes.append(said), "debug": print})()
    )
    for _ in range(2):
        assert run("import sys; print('numpy' in sys.modules)") == "False"
    assert len(notes) == 1
    assert "cannot be forked safely on darwin" in str(notes[0])


def test_a_kernel_that_is_to_outlive_its_client_starts_the_normal_way() -> None:
    with kernel(independent=True) as (manager, _):
        assert isinstance(manager.provisioner.process, subprocess.Popen)


# -- the programs
@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the entry point and JUPYTER_DEFAULT_PROVISIONER_NAME would have it."""
    factory = KernelProvisionerFactory.instance()
    entry = EntryPoint(NAME, "toolkit.kernels.provisioner:ForkProvisioner", factory.GROUP_NAME)
    monkeypatch.setitem(factory.provisioners, NAME, entry)
    monkeypatch.setattr(factory, "default_provisioner_name", NAME)
    monkeypatch.setattr(ForkProvisioner.preload, "default_args", (PRELOAD,))


WARM = "import sys\nprint('numpy' in sys.modules)"


@pytest.mark.usefixtures("chosen")
def test_papermill_and_nbclient_and_nbval_use_it_unpatched(tmp_path: Path) -> None:
    import nbclient
    import papermill
    from nbval.kernel import RunningKernel

    source = tmp_path / "in.ipynb"
    nbformat.write(notebook(WARM), source)
    done = papermill.execute_notebook(
        str(source), str(tmp_path / "out.ipynb"), kernel_name="python3", progress_bar=False
    )
    assert done.cells[0].outputs[0].text == "True\n"
    book = notebook(WARM)
    nbclient.NotebookClient(book, kernel_name="python3").execute(cwd=str(tmp_path))
    assert book.cells[0].outputs[0].text == "True\n"
    nbval = RunningKernel("python3", str(tmp_path))
    try:
        nbval.execute_cell_input(WARM)
        message = nbval.get_message("iopub", timeout=20)
        while message["msg_type"] != "stream":
            message = nbval.get_message("iopub", timeout=20)
        assert message["content"]["text"] == "True\n"
    finally:
        nbval.stop()


def test_the_entry_point_leads_any_program_to_it(root: Path, tmp_path: Path) -> None:
    """Declared in pyproject.toml; installed here beside the package, as pip would."""
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    ((group, entries),) = declared.items()
    assert group == KernelProvisionerFactory.GROUP_NAME
    installed = tmp_path / "beside-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: beside\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items()))
    nbformat.write(notebook("import sys\nprint('seaborn' in sys.modules)"), tmp_path / "in.ipynb")
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}", "JUPYTER_DEFAULT_PROVISIONER_NAME": NAME}
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-k", "python3", "--no-progress-bar"]
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, timeout=120)
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[0].outputs[0].text == "True\n"


def test_jupyterlab_uses_it_unpatched(root: Path, tmp_path: Path) -> None:
    """Its server, asked over HTTP and a web socket, as its pages in a browser do."""
    env = {**os.environ, "PYTHONPATH": str(root), "JUPYTER_DEFAULT_PROVISIONER_NAME": NAME, "JUPYTER_CONFIG_DIR": str(tmp_path),
           "JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}  # fmt: skip
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.port=0",
        "--IdentityProvider.token=secret",
        f"--notebook-dir={tmp_path}",
    ]
    lab = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while not (files := list(tmp_path.glob("jpserver-*.json"))) and time.monotonic() < until:
            time.sleep(0.1)
        address = json.loads(files[0].read_text())["url"]
        assert asyncio.run(_asked_in_lab(address, "import sys; print('seaborn' in sys.modules)")) == "True\n"
    finally:
        lab.terminate()
        lab.wait(20)


async def _asked_in_lab(address: str, code: str) -> str:
    """What a cell prints in a new kernel of a server."""
    from jupyter_client.session import Session
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest
    from tornado.websocket import websocket_connect

    login = {"Authorization": "token secret"}
    asked = HTTPRequest(
        f"{address}api/kernels", method="POST", headers=login, body='{"name": "python3"}', request_timeout=60
    )
    kernel = json.loads((await AsyncHTTPClient().fetch(asked)).body)["id"]
    place = f"{address.replace('http', 'ws', 1)}api/kernels/{kernel}/channels"
    socket = await websocket_connect(HTTPRequest(place, headers=login))
    request = Session().msg("execute_request", {"code": code, "silent": False})
    await socket.write_message(json.dumps({**request, "channel": "shell"}, default=str))
    async with asyncio.timeout(60):
        while True:
            told = json.loads(await socket.read_message())
            if told["header"]["msg_type"] == "stream":
                return str(told["content"]["text"])


@pytest.mark.parametrize("with_store", [False, True])
def test_the_report_made_to_warm_up_leaves_one_thread_and_no_trace(
    with_store: bool, tmp_path: Path, root: Path
) -> None:
    store = tmp_path / "store" if with_store else None
    if store:
        build(root / "data" / "raw" / "sample", store)
    code = """
        import os, matplotlib
        matplotlib.rcParams["backend"]  # chosen here, as this program wants it
        before, chosen = dict(matplotlib.rcParams), matplotlib.rcParams["backend"]
        from matplotlib import pyplot
        from toolkit.plots import style
        from toolkit.reports.warm import warm_up
        warm_up()
        from toolkit.store import parts
        print(len(os.listdir("/proc/self/task")), dict(matplotlib.rcParams) == before, pyplot.get_fignums(), len(style._EMS) > 50,
              len(style._READY) > 10, parts._opened.cache_info().currsize > 20)
    """
    single = {
        "REVIEW_SHEETS_STORE": str(store or ""),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }
    said = subprocess.check_output(
        [sys.executable, "-c", textwrap.dedent(code)], text=True, env={**os.environ, **single}
    )
    assert said.split("\n")[0] == f"1 True [] True True {with_store}"


def test_a_module_is_warmed_up_before_the_fourth_kernel(tmp_path: Path) -> None:
    (tmp_path / "slow_at_first.py").write_text(
        "is_warm = False\ndef warm_up():\n    global is_warm\n    is_warm = True\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    found = []
    for _ in range(5):
        manager = KernelManager(kernel_name="python3")
        preload = [*PRELOAD, "slow_at_first"]
        identity = str(uuid.uuid4())
        manager.provisioner = ForkProvisioner(
            kernel_id=identity, kernel_spec=manager.kernel_spec, parent=manager, preload=preload
        )
        manager.start_kernel(env=env)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            found.append(said(client, "import slow_at_first; print(slow_at_first.is_warm)"))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    assert found == ["False", "False", "False", "True", "True"]
