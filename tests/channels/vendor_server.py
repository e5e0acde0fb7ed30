"""A vendor's API on loopback: answers by method and path, and keeps what it was asked."""

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Reply = tuple[int, Any]
"""Status and JSON; status 0 hangs up without an answer."""


@dataclass(frozen=True)
class Asked:
    """``form`` has the fields of a form that was posted, ``json`` is what was posted as JSON."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    json: Any = None


class LoopbackVendor:
    """``replies`` are for ``"GET /v3/scopes"``; several are given in their order, the last one for ever. What has none
    is answered 404. A context manager."""

    def __init__(self, replies: Mapping[str, Reply | list[Reply]]) -> None:
        self.asked: list[Asked] = []
        self._replies = {name: [each] if isinstance(each, tuple) else list(each) for name, each in replies.items()}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                outer._answer(self, body)

            do_GET = do_POST = do_DELETE = _handle  # noqa: N815  # http.server's names

            def log_message(self, *_: Any) -> None:
                pass  # a test prints nothing

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def calls(self, name: str) -> list[Asked]:
        """What was asked by ``"GET /v3/scopes"``."""
        return [each for each in self.asked if f"{each.method} {each.path}" == name]

    def _answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        form = dict(parse_qsl(body)) if "form" in headers.get("content-type", "") else {}
        posted = json.loads(body) if "json" in headers.get("content-type", "") and body else None
        self.asked.append(Asked(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, form, posted))
        replies = self._replies.get(f"{handler.command} {parts.path}", [(404, {"message": "no such thing"})])
        status, told = replies.pop(0) if len(replies) > 1 else replies[0]
        handler.close_connection = True
        if not status:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        text = json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def __enter__(self) -> "LoopbackVendor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
