"""The emulator as a background process: start it, find it, stop it."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from local.settings import HOST, ROOT, LocalError, Settings

_START_SECONDS = 60
_STOP_SECONDS = 660  # saving the state of a large run takes minutes
# Emulators this very process started; they must be collected when they end.
_children: dict[int, subprocess.Popen[bytes]] = {}


def start(settings: Settings) -> bool:
    """Start the emulator unless it runs; return whether it had to be started.

    Raises:
        LocalError: a port is taken by another program, or the emulator does not come up.
    """
    if running_pid(settings) is not None:
        return False
    _need_port(settings.port, "CLARION_PORT")
    _need_port(settings.web_port, "CLARION_WEB_PORT")
    settings.home.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(settings.home / "tmp", ignore_errors=True)  # what workers of a killed emulator left behind
    (settings.home / "tmp").mkdir()
    with settings.emulator_log.open("ab") as log:
        process = subprocess.Popen(  # our own module
            [sys.executable, "-m", "local.emulator"],
            cwd=ROOT,
            env=settings.emulator_environment() | _own_settings(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[process.pid] = process
    content = {"pid": process.pid, "port": settings.port, "web_port": settings.web_port}
    settings.pid_file.write_text(json.dumps(content))
    until = time.monotonic() + _START_SECONDS
    while not _answers(settings):
        if process.poll() is not None:
            raise LocalError(f"the emulator stopped while starting; see {settings.emulator_log}")
        if time.monotonic() > until:
            process.terminate()
            raise LocalError(f"the emulator did not answer in {_START_SECONDS} s; see {settings.emulator_log}")
        time.sleep(0.1)
    return True


def stop(settings: Settings) -> bool:
    """Stop the emulator and wait until its state is saved; return whether it ran.

    Raises:
        LocalError: it does not stop.
    """
    pid = running_pid(settings)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + _STOP_SECONDS
    while _alive(pid):
        if time.monotonic() > until:
            raise LocalError(f"the emulator (process {pid}) does not stop; see {settings.emulator_log}")
        time.sleep(0.05)
    settings.pid_file.unlink(missing_ok=True)
    return True


def running_pid(settings: Settings) -> int | None:
    """Return the process id of this stack's emulator, or None when it does not run.

    Raises:
        LocalError: it runs, but on other ports than asked for.
    """
    try:
        content = json.loads(settings.pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    if not _alive(content["pid"]):
        return None
    if (content["port"], content["web_port"]) != (settings.port, settings.web_port):
        raise LocalError(
            f"the stack already runs on ports {content['port']} and {content['web_port']}; "
            "use these (CLARION_PORT, CLARION_WEB_PORT) or stop it with `make down` first"
        )
    return int(content["pid"])


@contextlib.contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Let one program at a time start, deploy or stop this stack; others wait."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_settings(settings: Settings) -> dict[str, str]:
    return {
        "CLARION_LOCAL_HOME": str(settings.home),
        "CLARION_PORT": str(settings.port),
        "CLARION_WEB_PORT": str(settings.web_port),
        # A user's own PYTHONPATH must not reach the functions.
        "PYTHONPATH": "",
    }


def _need_port(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LocalError(
                f"port {port} of {HOST} cannot be used ({error.strerror}); free it or set {variable}"
            ) from None


def _answers(settings: Settings) -> bool:
    connection = HTTPConnection(HOST, settings.port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _alive(pid: int) -> bool:
    if pid in _children:
        return _children[pid].poll() is None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    try:  # a process id from before a reboot may belong to another program now
        with open(f"/proc/{pid}/cmdline", "rb") as command:
            return b"local.emulator" in command.read()
    except FileNotFoundError:
        return True  # no /proc, as on macOS
