"""A DynamoDB that answers from a script, on the loopback interface, over real connections."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """``closes``: nothing is answered. ``then_closes``: closed after the answer without announcing it."""

    status: int = 200
    body: bytes = b"{}"
    delay: float = 0.0
    closes: bool = False
    then_closes: bool = False
    cut: int = 0


def refusal(code: str, status: int = 400, **more: Any) -> Reply:
    """As DynamoDB words its errors."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return Reply(status, json.dumps({"__type": kind, "message": "no", **more}).encode())


class Request(NamedTuple):
    connection: int
    headers: dict[str, str]
    body: dict[str, Any]


class ScriptedDatabase:
    """Answers with ``script``, in order, then with 200 ``{}``; keeps the requests."""

    def __init__(self, script: list[Reply]) -> None:
        self.script, self.requests, self.connections = script, list[Request](), 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections += 1
                self.number = outer.connections

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append(Request(self.number, dict(self.headers.items()), json.loads(body)))
                reply = outer.script.pop(0) if outer.script else Reply()
                time.sleep(reply.delay)
                self.close_connection = reply.closes or reply.then_closes or bool(reply.cut)
                if reply.closes:
                    return
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body) + reply.cut))
                self.end_headers()
                with suppress(BrokenPipeError):  # the client had no patience
                    self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["ScriptedDatabase"]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
