"""Losing the emulator's workers: killed as they are found, or by a proxy at a named point of their work.

The emulator runs each function in processes of its own, its children. A function whose endpoint is `Ambush` makes every
call of AWS through it, and is killed (SIGKILL) before it has the answer to a call that somebody lies in wait for.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from local import process
from local.settings import HOST
from local.stack import Stack
from tests.stack.company import Company

_NAME = "AWS_LAMBDA_FUNCTION_NAME"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def workers(stack: Stack, *functions: str) -> list[int]:
    """The process ids of the workers of these functions (logical ids), or of all."""
    names = {stack.functions[each] for each in functions}
    return [pid for pid in _children(stack) if not names or _environment(pid).get(_NAME) in names]


def kill(pid: int) -> bool:
    """Kill one worker, without a chance to tidy up; whether it still lived."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@dataclass(frozen=True)
class Call:
    """A call of AWS by a worker: ``DynamoDB.TransactWriteItems``, ``SQS.SendMessageBatch``, ``SES.Send``; its body."""

    name: str
    body: str


@dataclass
class Trap:
    """Waits for the first call that ``meets`` accepts; ``sprung`` is set when the worker that made it is dead."""

    meets: Callable[[Call], bool]
    sprung: threading.Event = field(default_factory=threading.Event)


class Victim(NamedTuple):
    """A campaign whose workers were killed at random moments, and how many workers of each function."""

    company: Company
    campaign: str
    contacts: int
    killed: dict[str, int]


class Ambush:
    """A proxy of the stack's AWS endpoint, with traps."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._traps, self._lock = stack, list[Trap](), threading.Lock()
        ambush = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                ambush._pass_on(self)

            do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 - http.server's own names

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True

    @contextmanager
    def around(self, *functions: str) -> Iterator[None]:
        """Let these functions (logical ids) make their calls through this proxy."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        proxy = {"AWS_ENDPOINT_URL": f"http://{HOST}:{self._server.server_address[1]}"}
        before = {name: self._variables(name) for name in functions}
        try:
            for name, variables in before.items():
                self._set_variables(name, variables | proxy)
            yield
        finally:
            for name, variables in before.items():
                self._set_variables(name, variables)
            self._server.shutdown()
            self._server.server_close()

    def lay(self, trap: Trap) -> None:
        with self._lock:
            self._traps.append(trap)

    def _variables(self, function: str) -> dict[str, str]:
        name = self._stack.functions[function]
        found = self._stack.client("lambda").get_function_configuration(FunctionName=name)
        return dict(found["Environment"]["Variables"])

    def _set_variables(self, function: str, variables: dict[str, str]) -> None:
        name, environment = self._stack.functions[function], {"Variables": variables}
        self._stack.client("lambda").update_function_configuration(FunctionName=name, Environment=environment)

    def _pass_on(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        trap = self._trap_for(_call(request, body))
        upstream = HTTPConnection(HOST, self._stack.settings.port, timeout=60)
        try:
            upstream.request(request.command, request.path, body, dict(request.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        if trap:
            self._spring(trap, request)
            return
        with suppress(ConnectionError):  # its worker died meanwhile
            request.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    request.send_header(name, value)
            request.send_header("content-length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)

    def _trap_for(self, call: Call) -> Trap | None:
        with self._lock:
            found = next((trap for trap in self._traps if trap.meets(call)), None)
            if found:
                self._traps.remove(found)
            return found

    def _spring(self, trap: Trap, request: BaseHTTPRequestHandler) -> None:
        port = request.client_address[1]
        caught = [pid for pid in workers(self._stack) if _socket_of(port) in _open_files(pid)]
        assert [kill(pid) for pid in caught] == [True], f"port {port} is of {caught}"
        request.close_connection = True
        trap.sprung.set()


def _call(request: BaseHTTPRequestHandler, body: bytes) -> Call:
    if request.path.startswith("/v2/email/outbound-"):
        return Call("SES.Send", body.decode())
    service, _, operation = request.headers.get("x-amz-target", "").partition(".")
    return Call(f"{service.partition('_')[0].removeprefix('Amazon')}.{operation}", _plain(body))


def _plain(body: bytes) -> str:
    """A JSON body without the escapes of JSON within JSON."""
    return body.decode(errors="replace").replace("\\", "")


def _children(stack: Stack) -> list[int]:
    emulator = process.running_pid(stack.settings)
    found = []
    for task in Path(f"/proc/{emulator}/task").iterdir():
        with suppress(FileNotFoundError):
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def _environment(pid: int) -> dict[str, str]:
    with suppress(FileNotFoundError, ProcessLookupError):
        entries = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
        return {name: value for name, _, value in (entry.partition("=") for entry in entries)}
    return {}


def _socket_of(port: int) -> str:
    """The open file that is this machine's end of the connection from a port of loopback."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port and fields[3] == "01":
            return f"socket:[{fields[9]}]"
    return ""


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found.add(os.readlink(each))
    return found
