"""A loopback HTTP server that misbehaves on purpose."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Behaviour = Literal["hang", "hang up", "cut short"] | tuple[int, bytes]


class LoopbackHttp:
    """Answers every POST by ``behaviour`` and counts ``requests``, which both may be set anew; a context manager."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour, self.requests = behaviour, 0
        self._release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests += 1
                outer._behave(self, outer.behaviour)

            def log_message(self, *_: Any) -> None:
                pass  # a test prints nothing

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _behave(self, handler: BaseHTTPRequestHandler, behaviour: Behaviour) -> None:
        handler.close_connection = True
        if behaviour == "hang":
            self._release.wait(10)
        elif behaviour == "cut short":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{")
        elif behaviour == "hang up":
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            status, body = behaviour
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

    def __enter__(self) -> "LoopbackHttp":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
