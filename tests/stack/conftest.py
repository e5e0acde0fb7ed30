"""The deployed local stack, on ports and in a folder of its own so that a developer's stack is left alone."""

import shutil
import socket
from collections.abc import Iterator

import pytest

from local.settings import HOST, Settings
from local.stack import Stack, reset


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real template, deployed by the real `sam deploy`; gone after the last test."""
    port, web_port = free_ports()
    settings = Settings(tmp_path_factory.mktemp("stack"), port, web_port)
    try:
        yield Stack.up(settings)
    finally:
        reset(settings)
        shutil.rmtree(settings.home)


def free_ports() -> tuple[int, int]:
    """Two ports that nothing listened on a moment ago."""
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]
