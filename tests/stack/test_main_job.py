"""The main job on the deployed stack: the product's own programs, and what must hold however it is used."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from clarion import keys
from clarion.domain.run import BatchId, RunId
from clarion.storage.table import Table
from local.job.client import Api
from local.job.mailbox import received
from local.settings import ROOT
from local.stack import Stack
from tests.shared_data import shared

pytestmark = pytest.mark.stack


def program(stack: Stack, module: str, **environment: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, the JSON of its last line, everything it said) of one of the product's programs."""
    settings = stack.settings
    ports = {"CLARION_PORT": str(settings.port), "CLARION_WEB_PORT": str(settings.web_port)}
    where = {"CLARION_LOCAL_HOME": str(settings.home), "CLARION_VENDOR_URLS": settings.vendor_urls}
    env = {**os.environ, **ports, **where, "JSON": "1", **environment}
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", module], cwd=ROOT, env=env, capture_output=True, text=True, timeout=900
    )
    lines = done.stdout.strip().splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr


def signed_in(stack: Stack) -> Api:
    """A new user with an organisation of its own."""
    api = Api(stack.api_url)
    api.sign_in(f"{uuid4()}@example.com", "Test")
    return api


def eventually(what: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"not in {seconds} s"
        time.sleep(0.2)


def launched(api: Api, contacts: int, **fields: Any) -> dict[str, Any]:
    """A campaign to fresh contacts, launched."""
    for n in range(contacts):
        api.call("POST", "/crm/contacts", {"email": f"p{n}@example.com", "firstName": f"P{n}"})
    source = {
        "name": "T",
        "subject": "Hi {{ contact.firstName }}",
        "html": '<p><a href="https://shop.example/">S</a></p>',
    }
    template = api.call("POST", "/crm/marketing/templates", source)["id"]
    everybody = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}
    body = {"name": "C", "channels": ["email"], "audience": everybody, "templateId": template, "status": "running"}
    created: dict[str, Any] = api.call("POST", "/crm/marketing/campaigns", {**body, **fields})
    return created


def completed(api: Api, campaign: dict[str, Any]) -> dict[str, Any]:
    path = f"/crm/marketing/campaigns/{campaign['id']}"
    eventually(lambda: api.call("GET", path)["status"].startswith("completed"), 60)
    done: dict[str, Any] = api.call("GET", path)
    return done


def report(api: Api, campaign: dict[str, Any]) -> dict[str, Any]:
    numbers: dict[str, Any] = api.call("GET", f"/crm/marketing/campaigns/{campaign['id']}/analytics")
    return numbers


def refused(api: Api, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
    """(status, problem) of a request that should not succeed."""
    url = f"{api.base_url}{path}"
    sent = {**api.headers, "content-type": "application/json", **headers}
    answer = urllib3.request(method, url, body=body, headers=sent, retries=False, timeout=60)
    return answer.status, json.loads(answer.data)


def test_the_demo_adds_up(stack: Stack) -> None:
    code, result, said = program(stack, "local.demo")
    assert code == 0, said
    assert result["ok"] is True
    assert result["contacts"] > 300
    assert result["audience"] > result["sends"] > result["delivered"] > result["opens"] > result["uniqueOpens"] > 0
    assert result["clicks"] > result["uniqueClicks"] > result["unsubscribes"] > 0


def test_hillstroms_first_rows_give_their_own_sums(stack: Stack) -> None:
    path = shared("hillstrom/hillstrom_dev_rows_1_32000.csv")
    code, result, said = program(stack, "local.hillstrom", DATA=str(path), LIMIT="400")
    assert code == 0, said
    assert result["contacts"] == 400
    assert set(result["campaigns"]) == {"Mens E-Mail", "Womens E-Mail"}
    for numbers in result["campaigns"].values():
        assert numbers["audience"] == numbers["sends"] == numbers["delivered"] > 100
        assert numbers["clicks"] == numbers["uniqueClicks"] > 10


def test_two_organisations_cannot_see_each_other(stack: Stack) -> None:
    acme, globex = signed_in(stack), signed_in(stack)
    campaign = completed(acme, launched(acme, 2))
    contact = acme.call("GET", "/crm/contacts")["items"][0]
    records = [
        f"/crm/contacts/{contact['id']}",
        f"/crm/marketing/campaigns/{campaign['id']}",
        f"/crm/marketing/campaigns/{campaign['id']}/analytics",
        f"/crm/marketing/templates/{campaign['templateId']}",
    ]
    for path in records:
        acme.call("GET", path)
        assert refused(globex, "GET", path)[0] == 404
    for path in ("/crm/contacts", "/crm/marketing/campaigns", "/crm/marketing/templates", "/crm/marketing/audiences"):
        assert globex.call("GET", path) == {"items": [], "next": None}
    organisation = acme.call("GET", "/crm/me")["organisations"][0]["id"]
    status, problem = refused(globex, "GET", "/crm/contacts", orgid=organisation)
    assert (status, problem["code"]) == (403, "forbidden")


def test_bad_input_is_refused_naming_what_is_wrong(stack: Stack) -> None:
    api = signed_in(stack)
    status, problem = refused(api, "POST", "/crm/contacts", b'{"email": ')
    assert (status, problem["errors"][0]["field"]) == (400, "body")
    status, problem = refused(api, "POST", "/crm/contacts", b'{"email": "a@example.com", "colour": 1}')
    assert (status, problem["errors"][0]["field"]) == (400, "body.colour")
    status, problem = refused(api, "POST", "/crm/marketing/campaigns", b'{"name": "x", "status": "running"}')
    assert (status, problem["errors"][0]["field"]) == (422, "body.channels")
    status, _ = refused(api, "GET", "/crm/contacts", authorization="Bearer not.a.token")
    assert status == 401
    assert api.call("GET", "/crm/contacts")["items"] == []
    assert api.call("GET", "/crm/marketing/campaigns")["items"] == []


def test_a_template_that_fails_for_one_contact_reaches_the_others(stack: Stack) -> None:
    api = signed_in(stack)
    source = {"name": "T", "subject": "Hi", "html": "<p>{{ 100 // attributes.share }}</p>"}
    template = api.call("POST", "/crm/marketing/templates", source)["id"]
    for n in range(3):
        api.call("POST", "/crm/contacts", {"email": f"p{n}@example.com", "attributes": {"share": n}})
    campaign = completed(api, launched(api, 0, templateId=template))
    assert campaign["status"] == "completed_with_failures"
    assert (campaign["recipients"]["sent"], campaign["recipients"]["renderFailed"]) == (2, 1)


def test_a_stream_batch_delivered_twice_counts_once(stack: Stack) -> None:
    api = signed_in(stack)
    campaign = completed(api, launched(api, 1))
    [mail] = received(stack, campaign["id"])
    assert api.fetch(mail.pixel) == 200
    assert api.fetch(mail.links[0]) == 302
    eventually(lambda: report(api, campaign)["clicks"] == 1 and report(api, campaign)["opens"] == 1)
    eventually(lambda: report(api, campaign)["deliveries"] == 1)
    counted = report(api, campaign)
    org = api.call("GET", "/crm/me")["organisations"][0]["id"]
    client, name = stack.client("dynamodb"), stack.outputs["TableName"]
    events = client.query(
        TableName=name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={
            ":pk": {"S": keys.person_pk(org, mail.contact_id)},
            ":sk": {"S": "EVENT#"},
        },
    )["Items"]
    assert len(events) == 3
    batch = {
        "Records": [
            {
                "eventID": str(n),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": item["pk"], "sk": item["sk"]},
                    "NewImage": item,
                    "SequenceNumber": str(n + 1),
                },
            }
            for n, item in enumerate(events)
        ]
    }
    for _ in range(2):
        assert stack.invoke("AggregateEvents", batch) == {"batchItemFailures": []}
    assert report(api, campaign) == counted


def test_what_a_worker_was_lost_over_is_known_by_the_vendors_events_and_not_sent_again(stack: Stack) -> None:
    api = signed_in(stack)
    campaign = completed(api, launched(api, 1))
    org = api.call("GET", "/crm/me")["organisations"][0]["id"]
    table = Table(stack.client("dynamodb"), stack.outputs["TableName"])
    run = RunId(org, campaign["id"], 1)
    [row] = table.query_all(keys.run_pk(org, campaign["id"], 1), "BATCH#")
    batch_id = BatchId(run, int(row["sk"].split("#")[1]), int(row["sk"].split("#")[2]))
    # The row as a worker leaves it that dies inside the vendor call, its lease run out.
    lost = {"state": "calling", "call": "[0]", "results": "{}", "lease_until": "2026-01-01T00:00:00.000Z"}
    table.update({"pk": row["pk"], "sk": row["sk"]}, set=lost)
    table.update(keys.run(org, campaign["id"], 1), set={"status": "running"})
    event = {"Records": [{"messageId": "1", "body": json.dumps(batch_id.message())}]}
    assert stack.invoke("SendBatch", event) == {"batchItemFailures": []}

    def outcome() -> str:
        again = table.get({"pk": row["pk"], "sk": row["sk"]})
        assert again is not None
        assert again["state"] == "done"
        return str(json.loads(again["results"])["0"][0])

    eventually(lambda: outcome() == "sent")
    assert len(list(received(stack, campaign["id"]))) == 1


def test_somebody_who_unsubscribed_gets_no_further_mail(stack: Stack) -> None:
    api = signed_in(stack)
    first = completed(api, launched(api, 2))
    mail = next(iter(received(stack, first["id"])))
    assert api.fetch(mail.unsubscribe_url) == 200
    assert api.call("GET", "/crm/marketing/suppressions", query={"channel": "email"})["items"] == []
    assert api.fetch(mail.unsubscribe_url, "POST", {"List-Unsubscribe": "One-Click"}) == 200
    second = completed(api, launched(api, 0, name="Second"))
    assert second["recipients"]["skipped"] == {"suppressed": 1}
    assert [m.to for m in received(stack, second["id"])] != [mail.to]
    eventually(lambda: report(api, first)["unsubscribes"] == 1)


def test_a_scheduled_campaign_starts_with_the_tick(stack: Stack) -> None:
    api = signed_in(stack)
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    campaign = launched(api, 1, status="scheduled", schedule={"startAt": start})
    assert campaign["status"] == "scheduled"
    time.sleep(2.5)
    stack.invoke("StartDueWork", {})
    assert completed(api, campaign)["recipients"]["sent"] == 1


def test_the_programs_say_in_one_line_what_is_wrong(stack: Stack, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,age\nAnn,3\n")
    for environment, message in (
        ({}, "error: say which file: make hillstrom DATA=path.csv"),
        ({"DATA": "/no/such.csv"}, "error: /no/such.csv cannot be read"),
        ({"DATA": str(other)}, "lacks the column 'recency'"),
        ({"DATA": str(other), "LIMIT": "many"}, "error: LIMIT=many is not a number of rows"),
    ):
        code, _, said = program(stack, "local.hillstrom", **environment)
        assert code == 1
        assert message in said
        assert len(said.strip().splitlines()) == 1
