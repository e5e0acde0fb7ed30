"""A vendor's API on loopback that holds every request to the vendor's published document."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.contract_servers.documents import Contract, Json

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Reply:
    """One scripted answer. ``drop`` closes the connection instead, ``hang`` keeps it open and silent."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    drop: bool = False
    hang: bool = False


@dataclass(frozen=True)
class Received:
    """A request as it came: ``body`` is parsed JSON, or the values of each form field in their order."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class ContractServer:
    """``problems`` lists what the contract forbids, ``received`` all requests, ``connections`` how many were opened.

    Answers are ``replies`` in their order, then what the document shows as a success (422 for a faulty request).
    ``silence_seconds`` is the longest a hanging answer lasts. A context manager.
    """

    def __init__(self, contract: Contract, *replies: Reply, silence_seconds: float = 10) -> None:
        self.problems: list[str] = []
        self.received: list[Received] = []
        self.connections = 0
        self._contract, self._replies, self._silence = contract, list(replies), silence_seconds
        self._lock, self._closing = threading.Lock(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two packets, and the second would wait 40 ms

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def _handle(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer._answer(self, data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815  # http.server's names

            def log_message(self, *_: Any) -> None:
                pass  # a test prints nothing

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True  # a client may keep its connection open
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ContractServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        with _request(handler, data) as request, self._lock:
            problems = list(self._faults(request))
            self.problems += [f"{request.method} {request.path}: {problem}" for problem in problems]
            self.received.append(_received(request, data))
            reply = self._replies.pop(0) if self._replies else self._documented(request, problems)
        if reply.hang:
            self._closing.wait(self._silence)
        if reply.drop or reply.hang:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        body = reply.body if isinstance(reply.body, bytes) else _encoded(reply.body)
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def _faults(self, request: Request) -> Iterator[str]:
        try:
            errors = list(self._contract.openapi.iter_request_errors(WerkzeugOpenAPIRequest(request)))
        except Exception as broken:  # a checker that breaks has not checked
            yield f"not checkable: {type(broken).__name__} {broken}"
            return
        for error in errors:
            cause = error.__cause__ or error
            for each in getattr(cause, "schema_errors", []):
                yield f"{'/'.join(map(str, each.absolute_path))}: {each.message[-160:]}"
            if not hasattr(cause, "schema_errors"):
                yield f"{type(cause).__name__}: {cause}"
        yield from self._misnamed_fields(request)

    def _misnamed_fields(self, request: Request) -> Iterator[str]:
        """openapi-core drops form fields that the schema does not name and takes a missing list for an empty one, so
        the names on the wire are compared with the schema's."""
        operation = self._contract.operation(request.method, request.path)
        if operation is None or request.mimetype not in FORMS:
            return
        body = self._contract.resolved(operation.get("requestBody", {}))
        media: Json = body.get("content", {}).get(request.mimetype, {})
        schema = self._contract.resolved(media.get("schema", {}))
        sent = {*request.form, *request.files}
        for name in sorted(sent - set(schema.get("properties", {}))):
            if not name.startswith(self._contract.open_prefixes or ("\0",)):
                yield f"unknown form field {name!r}"
        yield from (f"missing form field {name!r}" for name in schema.get("required", []) if name not in sent)

    def _documented(self, request: Request, problems: list[str]) -> Reply:
        operation = self._contract.operation(request.method, request.path)
        if operation is None:
            return Reply(404, body={"message": "no such operation in the contract"})
        if problems:
            return Reply(422, body={"problems": problems})
        status = min(code for code in operation["responses"] if code.startswith("2"))
        media: Json = self._contract.resolved(operation["responses"][status]).get("content", {})
        shown = media.get("application/json", {})
        examples = [shown.get("example"), *(each.get("value") for each in shown.get("examples", {}).values())]
        return Reply(int(status), body=next((example for example in examples if example is not None), None))


def _request(handler: BaseHTTPRequestHandler, data: bytes) -> Request:
    headers = list(handler.headers.items())
    request = Request(EnvironBuilder(handler.path, method=handler.command, headers=headers, data=data).get_environ())
    request.get_data(cache=True, parse_form_data=False)
    return request


def _received(request: Request, data: bytes) -> Received:
    body: Any = data
    if request.mimetype in FORMS:
        files = {name: [each.stream.read() for each in request.files.getlist(name)] for name in request.files}
        body = {name: request.form.getlist(name) for name in request.form} | files
    elif request.mimetype == "application/json":
        body = json.loads(data)
    return Received(request.method, request.full_path.rstrip("?"), dict(request.headers), body)


def _encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()
