"""The deployed local stack, on ports and in a folder of its own so that a developer's stack is left alone."""

import random
import shutil
import socket
import time
from collections.abc import Iterator

import pytest

from local.settings import HOST, Settings
from local.stack import Stack, reset
from tests.stack.company import Company
from tests.stack.vendors import Vendors, vendors_on_loopback
from tests.stack.workers import Victim, kill, workers

CROWD = 1000


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    """The vendors that the stack's functions reach."""
    with vendors_on_loopback() as found:
        yield found


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, vendors: Vendors) -> Iterator[Stack]:
    """The real template, deployed by the real `sam deploy`; gone after the last test."""
    port, web_port = free_ports()
    settings = Settings(tmp_path_factory.mktemp("stack"), port, web_port, vendors.urls)
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


@pytest.fixture(scope="session")
def recurring(stack: Stack) -> tuple[Company, str]:
    """A campaign that runs every minute, which nobody starts but the stack's own schedule."""
    company = Company(stack)
    company.enlist([{}] * 2)
    return company, company.campaign(type="recurring", recurring={"cron": "* * * * *"}, status="running")


@pytest.fixture(scope="session")
def victim(stack: Stack) -> Victim:
    """A campaign to a crowd, of which workers were killed at random moments of planning and of sending."""
    company = Company(stack)
    company.rules(rateLimits=[{"channel": "email", "perSecond": 100}])
    company.enlist_file(CROWD)
    campaign = company.campaign(status="running")
    killed = {"PlanAudience": 0, "SendBatch": 0}
    for function, most in (("PlanAudience", 3), ("SendBatch", 8)):
        until = time.monotonic() + 30
        while killed[function] < most and time.monotonic() < until:
            time.sleep(random.uniform(0.1, 1))
            found = workers(stack, function)
            killed[function] += bool(found and kill(random.choice(found)))
    return Victim(company, campaign, CROWD, killed)
