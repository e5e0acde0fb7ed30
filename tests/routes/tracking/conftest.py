"""A tracked message on a real table (moto's server) and the handlers' way to it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

from clarion import keys
from clarion.hot import wiring
from clarion.hot.dynamodb import DynamoError
from clarion.hot.table import HotTable
from clarion.hot.token import Signer
from clarion.hot.urls import TrackingUrls
from clarion.storage.table import Table, from_wire

SECRET = "0123456789abcdefghijklmnopqrstuv"
ORG, OTHER_ORG = "01J8Z3K9X4M5N6P7Q8R9S0T1VA", "01J8Z3K9X4M5N6P7Q8R9S0T1VB"
CAMPAIGN, OTHER_CAMPAIGN = "01J9Z3K9X4M5N6P7Q8R9S0T1VC", "01J9Z3K9X4M5N6P7Q8R9S0T1VD"
CONTACT = "01JAZ3K9X4M5N6P7Q8R9S0T1VE"
URLS = ["https://example.com/offer?a=1", "https://example.com/é", "javascript:alert(1)"]

Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def table(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """The table, empty but for one sent message and its link table, for two organisations alike."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("TRACKING_KEYS", SECRET)
    monkeypatch.setenv("TABLE_NAME", "tracking-test")
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    client = boto3.client("dynamodb", endpoint_url=server)
    client.create_table(
        TableName="tracking-test",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
    )
    table = Table(client, "tracking-test")
    for org, campaign in ((ORG, CAMPAIGN), (OTHER_ORG, OTHER_CAMPAIGN)):
        message = keys.message(org, CONTACT, campaign, 1, "1", "email")
        table.put({**message, "state": "claimed", "to": f"ann@{org.lower()}.example"})
        table.put({**keys.links(org, campaign, 1, "1"), "urls": URLS})
    for made in (wiring.signer, wiring.database, wiring.table, wiring.link_tables):
        made.cache_clear()
    yield table
    wiring.database().close()
    client.delete_table(TableName="tracking-test")
    client.close()


@pytest.fixture
def urls() -> TrackingUrls:
    """The URLs in the message's own text."""
    return tracking_urls()


@pytest.fixture
def rows(table: Table) -> Callable[[str], list[dict[str, Any]]]:
    """Items below a partition and sort key prefix: ``rows("EVENT#")`` are the contact's events."""

    def read(prefix: str, pk: str = keys.person_pk(ORG, CONTACT)) -> list[dict[str, Any]]:
        found = table._client.query(
            TableName="tracking-test",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":sk": {"S": prefix}},
        )
        return [from_wire(item) for item in found["Items"]]

    return read


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What the handler logged since the last call, but for the time."""

    def since() -> list[dict[str, Any]]:
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [{name: value for name, value in line.items() if name != "timestamp"} for line in told]

    return since


@pytest.fixture
def failing(table: Table, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``failing("PutItem")``: from now on that operation is refused."""

    def fail(operation: str) -> None:
        wiring.table.cache_clear()
        wiring.link_tables.cache_clear()
        monkeypatch.setattr(wiring, "table", lambda: HotTable(Failing(operation), "tracking-test"))

    return fail


class Failing:
    """The real database, but for one operation."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def call(self, operation: str, payload: Any) -> dict[str, Any]:
        if operation == self._operation:
            raise DynamoError("Unreachable", "TimeoutError")
        return wiring.database().call(operation, payload)


def tracking_urls(org: str = ORG, campaign: str = CAMPAIGN, run: int = 1, secret: str = SECRET) -> TrackingUrls:
    return TrackingUrls(Signer.of(secret), "https://t.example.com", org, campaign, run, "1")


def request(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    """The event API Gateway makes of a request for a tracking URL."""
    parts = urlsplit(url)
    _, _, _, campaign, step, *_ = parts.path.split("/")
    query = {name: ",".join(values) for name, values in parse_qs(parts.query).items()}
    return {
        "version": "2.0",
        "rawPath": parts.path,
        "headers": {"user-agent": "Mozilla/5.0 (X11)"},
        "pathParameters": {"campaign_id": campaign, "step_id": step},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7", "userAgent": "Mozilla/5.0 (X11)"}},
        "isBase64Encoded": False,
        **more,
    }


def forged(url: str) -> list[str]:
    """URLs that look like ``url`` and must not work."""
    address, token = url.split("?t=")
    last = "A" if token[-1] != "A" else "B"
    return [
        address,
        f"{address}?t=",
        f"{address}?t=é",
        f"{url}&t={token}",
        f"{address}?t={token[:-1]}{last}",
        url.replace(CAMPAIGN, OTHER_CAMPAIGN),
        url.replace("/1/", "/2/"),
    ]
