"""The one friendly URL: an ASGI application around the emulator's, in the same process.

On the web port it serves the inbox and hands every other request to the deployed API, by path and without a
network hop. On the AWS port it passes everything on and only notes what is sent by SES (see `outbox`).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from local import intake
from local.inbox import Answer, answer
from local.outbox import Outbox
from local.settings import MESSAGES_PATH, Settings

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SEND_PATH = "/v2/email/outbound-"
_TRACKING_PATH = "/connect/"
# The emulator starts one process for each concurrent call of a function; more than this only makes them wait.
_CONCURRENT_CALLS = 8


class Front:
    """Routes by port and path between the inbox, the deployed API and the emulator."""

    def __init__(self, emulator: Application, outbox: Outbox, settings: Settings) -> None:
        self._emulator = emulator
        self._outbox = outbox
        self._web_port = settings.web_port
        self._apis = _DeployedApis(settings.deployed_file)
        self._calls = asyncio.Semaphore(_CONCURRENT_CALLS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._emulator(scope, receive, send)
            return
        if scope["server"][1] == self._web_port:
            await self._web(scope, receive, send)
            return
        # Loopback stands for TLS, or the bucket's policy would refuse every request of a function.
        scope = scope | {"headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        if scope["method"] == "POST" and scope["path"].startswith(_SEND_PATH):
            await self._observed(scope, receive, send)
        else:
            await self._emulator(scope, receive, send)

    async def _web(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/" or path == "/inbox" or path.startswith("/inbox/"):
            await _send(send, await self._inbox(scope, receive))
            return
        api = self._apis.id_for(path)
        if api is None:
            await _send(send, Answer(503, "text/plain; charset=utf-8", b"The stack is not deployed yet.\n"))
            return
        prefix = f"/_aws/execute-api/{api}/$default"
        raw_path = scope.get("raw_path") or path.encode()
        inner = scope | {"path": prefix + path, "raw_path": prefix.encode() + raw_path}
        async with self._calls:
            await self._emulator(inner, receive, send)

    async def _inbox(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == MESSAGES_PATH:
            client = (scope.get("client") or ("",))[0]
            content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
            body = await _body(receive, intake.MOST_BYTES + 1)
            return await asyncio.to_thread(intake.take, self._outbox, client, content_type, body)
        if method not in ("GET", "HEAD"):
            return Answer(405, "text/plain; charset=utf-8", b"The inbox is read.\n", (("allow", "GET, HEAD"),))
        return await asyncio.to_thread(answer, self._outbox, path, scope["query_string"].decode())

    async def _observed(self, scope: Scope, receive: Receive, send: Send) -> None:
        request: list[bytes] = []
        response: list[bytes] = []

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                request.append(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                response.append(message.get("body", b""))
                if not message.get("more_body"):
                    self._observe(b"".join(request), b"".join(response))
            await send(message)

        await self._emulator(scope, receiving, sending)

    def _observe(self, request: bytes, response: bytes) -> None:
        try:
            self._outbox.observe(json.loads(request), json.loads(response))
        except ValueError:
            return  # a refused request; the emulator's own answer says why


class _DeployedApis:
    """The ids of the deployed APIs, read again whenever a deployment has written them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = 0
        self._outputs: dict[str, str] = {}

    def id_for(self, path: str) -> str | None:
        try:
            written_at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if written_at != self._read_at:
            self._outputs = json.loads(self._path.read_text())["outputs"]
            self._read_at = written_at
        return self._outputs["TrackingApiId" if path.startswith(_TRACKING_PATH) else "ApiId"]


async def _body(receive: Receive, most: int) -> bytes:
    """Return the request's body, or its beginning once that is longer than `most`."""
    body, more = b"", True
    while more and len(body) < most:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return body


async def _send(send: Send, reply: Answer) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *((name.encode(), value.encode()) for name, value in reply.headers),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
