"""Google's own SDK speaks gRPC alone: a loopback server that keeps what it is asked and answers everything empty."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc  # type: ignore[import-untyped]  # ships no types
from google.ads.googleads.interceptors import MetadataInterceptor  # type: ignore[import-untyped]


@dataclass
class GrpcCalls(grpc.GenericRpcHandler):  # type: ignore[misc]  # untyped, too
    """``asked`` lists methods (``GoogleAdsService/Mutate``) and their serialised requests, ``metadata`` what came along
    with the last."""

    asked: list[tuple[str, bytes]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    def service(self, details: Any) -> Any:
        """grpc's hook: how a method is answered."""
        method = details.method.rpartition(".")[2]

        def keep(request: bytes, _: Any) -> bytes:
            self.asked.append((method, request))
            return b""

        def keep_and_stream(request: bytes, context: Any) -> Iterator[bytes]:
            yield keep(request, context)

        self.metadata = dict(details.invocation_metadata)
        if method.endswith("Stream"):
            return grpc.unary_stream_rpc_method_handler(keep_and_stream)
        return grpc.unary_unary_rpc_method_handler(keep)


@contextmanager
def google_on_loopback(developer_token: str, login_customer_id: str) -> Iterator[tuple[Any, GrpcCalls]]:
    """A channel for the SDK's transports, and what is asked through it."""
    calls = GrpcCalls()
    server = grpc.server(ThreadPoolExecutor(1), handlers=[calls])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield grpc.intercept_channel(channel, MetadataInterceptor(developer_token, login_customer_id)), calls
    finally:
        server.stop(None).wait()
