"""The local stack itself: deployed whole, guarded, reachable, remembered."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from clarion import keys
from clarion.storage.table import Table
from local import gateway, process
from local.settings import EMAIL_FROM, REGION, LocalError, Settings
from local.stack import Stack

pytestmark = pytest.mark.stack

T = TypeVar("T")


def eventually(what: Callable[[], T | None], seconds: float = 15) -> T:
    """Ask until there is an answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := what():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"nothing came in {seconds} s")


def ask(stack: Stack, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    """(status, content type, body) of one request to the friendly URL."""
    connection = HTTPConnection("127.0.0.1", stack.settings.web_port, timeout=30)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("content-type", ""), answer.read()
    finally:
        connection.close()


def send(stack: Stack, to: str, **more: Any) -> str:
    """Send one mail through SES and return its message id."""
    content = {"Subject": {"Data": "Hello"}, "Body": {"Html": {"Data": "<p>Hi <a href='https://example.com/a'>a</a>"}}}
    headers = [{"Name": "List-Id", "Value": "<list.example>"}]
    answer = stack.client("sesv2").send_email(
        FromEmailAddress=EMAIL_FROM,
        ConfigurationSetName=stack.outputs["SesConfigurationSetName"],
        Destination={"ToAddresses": [to]},
        Content={"Simple": {**content, "Headers": headers}},
        **more,
    )
    return str(answer["MessageId"])


def mail_of(stack: Stack, to: str, message_id: str) -> dict[str, Any]:
    return eventually(lambda: next((m for m in stack.mails(to=to) if m["message_id"] == message_id), None))


def test_every_route_of_the_template_is_open_and_only_those(stack: Stack) -> None:
    processed = stack.client("cloudformation").get_template(StackName="clarion", TemplateStage="Processed")
    template = processed["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    for output, name in (("ApiId", "Api"), ("TrackingApiId", "TrackingApi")):
        wanted = {route.key: bool(route.authorizer) for route in gateway.routes(resources[name]["Properties"]["Body"])}
        found = stack.client("apigatewayv2").get_routes(ApiId=stack.outputs[output], MaxResults="500")["Items"]
        assert {item["RouteKey"]: item["AuthorizationType"] == "JWT" for item in found} == wanted
        assert wanted


def test_the_stack_stays_below_the_limit_of_resources(stack: Stack) -> None:
    pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName="clarion")
    assert 100 < sum(len(page["StackResourceSummaries"]) for page in pages) < 500


def test_a_private_route_refuses_a_request_without_a_token(stack: Stack) -> None:
    status, _, _ = ask(stack, "/crm/me")
    assert status == 401


def test_an_unknown_path_is_not_found(stack: Stack) -> None:
    assert ask(stack, "/no/such/path")[0] == 404


def as_function(stack: Stack, function: str, service: str) -> Any:
    """A client that may do what the function's role may."""
    role = stack.client("lambda").get_function_configuration(FunctionName=stack.functions[function])["Role"]
    credentials = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service's name
        endpoint_url=stack.settings.endpoint_url,
        region_name=REGION,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_a_role_may_do_its_work_and_nothing_else(stack: Stack) -> None:
    table = as_function(stack, "RecordOpen", "dynamodb")
    name, key = stack.outputs["TableName"], {"pk": {"S": "test"}, "sk": {"S": "role"}}
    table.put_item(TableName=name, Item=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.delete_item(TableName=name, Key=key)
    table.close()


def test_a_role_reaches_its_own_folder_of_the_bucket_although_there_is_no_tls_here(stack: Stack) -> None:
    bucket = as_function(stack, "StartImport", "s3")
    name = stack.outputs["BucketName"]
    bucket.put_object(Bucket=name, Key="imports/test", Body=b"email")
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.put_object(Bucket=name, Key="links/test", Body=b"{}")
    bucket.close()


def test_the_tracking_functions_are_given_a_signing_key(stack: Stack) -> None:
    functions = stack.client("lambda")
    keys = {
        functions.get_function_configuration(FunctionName=stack.functions[name])["Environment"]["Variables"][
            "TRACKING_KEYS"
        ]
        for name in ("RecordOpen", "FollowLink", "SendBatch")
    }
    assert len(keys) == 1
    [key] = keys
    assert len(key) == 64
    assert key.isalnum()


def test_a_sent_mail_lies_in_the_inbox_with_its_tags_and_headers(stack: Stack) -> None:
    to = f"{uuid4()}@example.com"
    message_id = send(stack, to, EmailTags=[{"Name": "message", "Value": "m1"}])
    mail = mail_of(stack, to, message_id)
    assert (mail["to"], mail["subject"]) == ([to], "Hello")
    assert mail["tags"] == {"message": "m1"}
    assert mail["headers"] == {"List-Id": "<list.example>"}
    status, content_type, listed = ask(stack, f"/inbox?to={to[:20].upper()}")
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert f"/inbox/{mail['number']}" in listed.decode()
    page = ask(stack, f"/inbox/{mail['number']}")[2].decode()
    assert 'href="https://example.com/a"' in page
    assert "sandbox=" in page


def test_ses_events_reach_a_queue_behind_the_topic(stack: Stack) -> None:
    sqs, sns = stack.client("sqs"), stack.client("sns")
    url = sqs.create_queue(QueueName=f"events-{uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = stack.outputs["SesEventsTopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    sent = {
        send(stack, "bounce+1@simulator.amazonses.com"): {"Bounce"},
        send(stack, "complaint@simulator.amazonses.com"): {"Delivery", "Complaint"},
        send(stack, "ann@example.com"): {"Delivery"},
    }
    seen: dict[str, set[str]] = {message_id: set() for message_id in sent}

    def all_seen() -> bool:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            seen.get(event["mail"]["messageId"], set()).add(event["eventType"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return seen == sent

    eventually(all_seen)
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def test_a_second_up_changes_nothing_and_says_nothing(stack: Stack) -> None:
    said: list[str] = []
    again = Stack.up(stack.settings, said.append)
    assert said == []
    assert again.outputs == stack.outputs


def test_a_restart_forgets_nothing(stack: Stack) -> None:
    key = {"pk": {"S": "test"}, "sk": {"S": str(uuid4())}}
    table = stack.outputs["TableName"]
    stack.client("dynamodb").put_item(TableName=table, Item=key)
    to = "restart@example.com"
    message_id = send(stack, to)
    mail_of(stack, to, message_id)

    stack.down()
    assert process.running_pid(stack.settings) is None
    Stack.up(stack.settings)

    assert stack.client("dynamodb").get_item(TableName=table, Key=key)["Item"] == key
    assert mail_of(stack, to, message_id)["to"] == [to]
    assert ask(stack, "/crm/me")[0] == 401


def test_the_stream_is_read_on_after_a_restart(stack: Stack) -> None:
    before = purchase(stack)
    eventually(lambda: counted(stack, before))
    stack.down()
    Stack.up(stack.settings)
    after = purchase(stack)
    eventually(lambda: counted(stack, after))
    assert counted(stack, before) == 1


def test_an_event_inserted_with_others_in_one_call_is_counted_as_if_put(stack: Stack) -> None:
    """Vendors' events are PartiQL INSERTs, 25 to a BatchExecuteStatement; AWS streams them like any other write."""
    orgs = [uuid4().hex for _ in range(3)]
    inserted = [conversion_event(org) for org in orgs]
    assert table_of(stack).insert_absent(inserted) == [True, True, True]
    eventually(lambda: all(counted(stack, org) for org in orgs))
    assert table_of(stack).insert_absent(inserted) == [False, False, False]
    later = purchase(stack)
    eventually(lambda: counted(stack, later))
    assert [counted(stack, org) for org in orgs] == [1, 1, 1], "an INSERT that was refused is no event"


def purchase(stack: Stack) -> str:
    """Record a conversion that no message earned, in an organisation of its own; the organisation."""
    org = uuid4().hex
    table_of(stack).put(conversion_event(org))
    return org


def conversion_event(org: str) -> dict[str, Any]:
    """The event of a conversion that no message earned."""
    at = "2026-11-21T09:00:00.000Z"
    event = {"kind": "conversion", "at": at, "source": "api", "value": Decimal("1.00"), "currency": "USD"}
    return {**keys.event(org, "ann", at, "e1"), **event, "conversion": "order-1", "expires_at": 1_900_000_000}


def table_of(stack: Stack) -> Table:
    return Table(stack.client("dynamodb"), stack.outputs["TableName"])


def counted(stack: Stack, org: str) -> int:
    """Conversions in the organisation's counters."""
    rows = table_of(stack).query_all(f"ORG#{org}#STATS")
    return sum(int(row["conversions"]) for row in rows)


def test_a_taken_port_is_one_clear_line(stack: Stack, tmp_path: Path) -> None:
    taken = Settings(tmp_path, stack.settings.port, stack.settings.web_port)
    with pytest.raises(LocalError, match=f"port {stack.settings.port} of 127.0.0.1 cannot be used .* CLARION_PORT$"):
        Stack.up(taken)


def test_a_running_stack_is_not_taken_for_one_on_other_ports(stack: Stack) -> None:
    with pytest.raises(LocalError, match="already runs on ports"):
        Stack.up(replace(stack.settings, port=stack.settings.port + 1))
