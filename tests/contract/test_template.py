"""The template's inventories: queues, permissions, routes and handlers agree with each other and with the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from clarion.keys import CONTACT_SHARDS

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"

PUBLIC_ROUTES = {
    "POST /auth/sign-up",
    "POST /auth/confirm",
    "POST /auth/login",
    "POST /auth/refresh",
    "GET /connect/oauth/{platform}/callback",
    "POST /connect/webhooks/mailgun/{org_id}",
    "POST /connect/webhooks/sendgrid/{org_id}",
    "POST /connect/webhooks/twilio/{org_id}",
    "POST /connect/webhooks/aws-sms/{org_id}",
    "POST /connect/webhooks/ses/{org_id}",
    "GET /connect/webhooks/meta/{org_id}",
    "POST /connect/webhooks/meta/{org_id}",
    "GET /connect/webhooks/x/{org_id}",
    "POST /connect/webhooks/x/{org_id}",
    "GET /connect/automation/{campaign_id}/{step_id}/email/open/",
    "HEAD /connect/automation/{campaign_id}/{step_id}/email/open/",
    "GET /connect/automation/{campaign_id}/{step_id}/link/click/",
    "HEAD /connect/automation/{campaign_id}/{step_id}/link/click/",
    "GET /connect/automation/{campaign_id}/{step_id}/email/unsubscribe/",
    "POST /connect/automation/{campaign_id}/{step_id}/email/unsubscribe/",
}
# The hot path has no decorator, and queues, the stream and the clock call the rest.
AREAS_WITHOUT_DECORATOR = {"tracking", "scheduler", "webhooks"}
QUEUE_WORKERS = {"read_import", "write_export"}
ACTIONS_WITHOUT_RESOURCE = {"dynamodb:ListStreams", "cloudwatch:GetMetricData"}
HOT = {"RecordOpen", "FollowLink", "ShowUnsubscribe", "UnsubscribeContact"}
_QUEUE_LISTS = ("WATCHED_QUEUES", "DEAD_LETTER_QUEUES")
SIGNERS = HOT | {"SendBatch", "RecordConversion"}

Resource = dict[str, Any]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """CloudFormation's short forms: `!Ref X` is {"Ref": "X"}, `!GetAtt A.B` is {"Fn::GetAtt": "A.B"}."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)
TEMPLATE: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Loader)  # noqa: S506  # a SafeLoader
RESOURCES: dict[str, Resource] = TEMPLATE["Resources"]


def of_type(kind: str) -> dict[str, Resource]:
    """Properties by logical id of every resource of a type."""
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == kind}


LAMBDAS = of_type("AWS::Serverless::Function")


def events(kind: str) -> Iterator[tuple[str, Resource]]:
    """(function, event properties) of every event of a kind."""
    for name, function in LAMBDAS.items():
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def route_of(event: Resource) -> str:
    return f"{event['Method']} {event['Path']}"


def is_public(event: Resource) -> bool:
    return event["ApiId"] == {"Ref": "TrackingApi"} or event.get("Auth") == {"Authorizer": "NONE"}


def statements(role: Resource) -> Iterator[Resource]:
    for policy in role.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def handler_files() -> list[Path]:
    return sorted(path for path in FUNCTIONS.glob("*/*.py") if path.name != "__init__.py")


def declared_route(path: Path) -> tuple[str, bool] | None:
    """(route, public) of the handler's `@route(…, needs=…)`, read without importing it."""
    for node in ast.parse(path.read_text()).body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else []:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "route":
                [route] = (argument.value for argument in decorator.args if isinstance(argument, ast.Constant))
                needs = next(keyword.value for keyword in decorator.keywords if keyword.arg == "needs")
                return str(route), getattr(needs, "id", "") == "PUBLIC"
    return None


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def test_whatever_a_schedule_starts_has_an_alarm_on_its_errors() -> None:
    scheduled = {
        name
        for name, function in of_type("AWS::Serverless::Function").items()
        if any(event["Type"] == "Schedule" for event in function.get("Events", {}).values())
    }
    watched = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "Errors" and alarm["AlarmActions"]
    }
    assert {"StartDueWork", "PollResults", "RefreshTokens"} <= scheduled <= watched


def test_every_queue_has_a_dead_letter_queue_and_every_dead_letter_queue_an_alarm() -> None:
    queues = of_type("AWS::SQS::Queue")
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"].removesuffix(".QueueName")
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["AlarmActions"]
    }
    assert {name for name in queues if name.endswith("Dlq")} == watched
    for name, queue in queues.items():
        if name in watched:
            assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
        else:
            assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"].removesuffix(".Arn") in watched
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_every_queue_worker_reports_partial_failures_and_has_six_of_its_timeouts() -> None:
    workers = list(events("SQS"))
    assert workers
    for name, event in workers:
        queue = RESOURCES[event["Queue"]["Fn::GetAtt"].removesuffix(".Arn")]["Properties"]
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
        assert queue["VisibilityTimeout"] >= 6 * LAMBDAS[name]["Timeout"], name


def test_the_stream_feeds_only_new_events_and_contacts_and_gives_up_to_a_watched_queue() -> None:
    [(name, event)] = events("DynamoDB")
    assert name == "AggregateEvents"
    assert event["BisectBatchOnFunctionError"]
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": "AggregateDlq.Arn"}
    assert [pattern["Pattern"] for pattern in event["FilterCriteria"]["Filters"]] == [
        '{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"EVENT#"}]}}}}',
        '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"CONTACT#"}]}}}}',
    ]


@pytest.mark.parametrize("kind", ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"])
def test_no_permission_covers_everything_where_aws_can_name_a_resource(kind: str) -> None:
    for name, properties in of_type(kind).items():
        policies = properties.get("PolicyDocument", {}).get("Statement", []) + list(statements(properties))
        for statement in policies:
            assert statement["Effect"] == "Allow"
            assert not [action for action in statement["Action"] if "*" in action], name
            resource = statement["Resource"]
            if "*" in (resource if isinstance(resource, list) else [resource]):
                assert set(statement["Action"]) <= ACTIONS_WITHOUT_RESOURCE, name


def test_no_function_may_scan_the_table() -> None:
    text = (ROOT / "template.yaml").read_text()
    assert "dynamodb:Scan" not in text
    assert "dynamodb:*" not in text


def test_every_function_has_a_role_of_the_stack_and_every_role_a_function() -> None:
    used = {function["Role"]["Fn::GetAtt"].removesuffix(".Arn") for function in LAMBDAS.values()}
    assert used == set(of_type("AWS::IAM::Role"))


def test_public_routes_are_these() -> None:
    assert {route_of(event) for _, event in events("HttpApi") if is_public(event)} == PUBLIC_ROUTES


def test_routes_are_private_unless_they_say_otherwise() -> None:
    assert RESOURCES["Api"]["Properties"]["Auth"]["DefaultAuthorizer"] == "UserPoolAuthorizer"


def test_only_functions_that_sign_or_verify_know_the_tracking_keys() -> None:
    assert "TRACKING_KEYS" not in TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    knowing = {
        name
        for name, function in LAMBDAS.items()
        if "TRACKING_KEYS" in function.get("Environment", {}).get("Variables", {})
    }
    assert knowing == SIGNERS


def test_a_raised_version_has_every_function_read_the_tracking_keys_anew() -> None:
    """CloudFormation resolves the secret's reference again only in resources that change."""
    assert "TrackingKeysVersion" in TEMPLATE["Parameters"]
    for name in SIGNERS:
        variables = LAMBDAS[name]["Environment"]["Variables"]
        assert variables["TRACKING_KEYS_VERSION"] == {"Ref": "TrackingKeysVersion"}, name


def test_the_health_report_alone_looks_at_every_dead_letter_queue_and_at_the_queues_it_may() -> None:
    knowing = {name for name, function in LAMBDAS.items() if "Dlq" in str(function.get("Environment"))}
    assert knowing == {"GetHealth"}
    variables = LAMBDAS["GetHealth"]["Environment"]["Variables"]
    watched = {name: re.findall(r"\$\{(\w+)\}", variables[name]["Fn::Sub"]) for name in _QUEUE_LISTS}
    dead_letters = [name for name in of_type("AWS::SQS::Queue") if name.endswith("Dlq")]
    assert sorted(watched["DEAD_LETTER_QUEUES"]) == sorted(dead_letters)
    [allowed] = [
        each["Resource"]
        for each in statements(RESOURCES["HealthRole"]["Properties"])
        if each["Action"] == ["sqs:GetQueueAttributes"]
    ]
    readable = {each["Fn::GetAtt"].removesuffix(".Arn") for each in allowed}
    assert readable == {*watched["WATCHED_QUEUES"], *watched["DEAD_LETTER_QUEUES"]}


def test_smtp_without_its_url_is_no_deployment() -> None:
    [rule] = [rule for rule in TEMPLATE["Rules"].values() if "smtp" in str(rule["RuleCondition"])]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "EmailChannel"}, "smtp"]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "SmtpUrl"}, ""]}]}


def test_the_queues_of_a_campaign_cannot_take_every_worker_of_the_account() -> None:
    limits = {name: event.get("ScalingConfig", {}).get("MaximumConcurrency") for name, event in events("SQS")}
    assert limits["PlanAudience"] == CONTACT_SHARDS
    assert limits["EnterContacts"] < CONTACT_SHARDS
    assert limits["SendBatch"] == {"Ref": "SendConcurrency"}
    assert TEMPLATE["Parameters"]["SendConcurrency"]["MinValue"] == 2, "Lambda takes no less"


def test_the_hot_path_is_small_and_carries_no_libraries() -> None:
    for name in HOT:
        assert LAMBDAS[name]["MemorySize"] == 128
        assert "Layers" not in LAMBDAS[name]
    for name in set(LAMBDAS) - HOT:
        assert LAMBDAS[name]["Layers"] == [{"Ref": "DependencyLayer"}]


def test_a_function_is_named_like_its_file_and_logs_to_its_area() -> None:
    for name, function in LAMBDAS.items():
        module, _, entry = function["Handler"].partition(".")
        area = function["CodeUri"].removeprefix("functions/")
        assert (camel(module), entry) == (name, "handler")
        group = RESOURCES[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]["LogGroupName"]
        assert group["Fn::Sub"].endswith(f"/{area}")


def test_template_and_code_have_the_same_handlers() -> None:
    in_template = {f"{f['CodeUri']}/{f['Handler'].removesuffix('.handler')}.py" for f in LAMBDAS.values()}
    assert in_template == {str(path.relative_to(ROOT)) for path in handler_files()}


@pytest.mark.parametrize("path", handler_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_template_and_code_have_the_same_route(path: Path) -> None:
    in_template = [(route_of(event), is_public(event)) for name, event in events("HttpApi") if name == camel(path.stem)]
    declared = declared_route(path)
    if declared is None:
        assert path.parent.name in AREAS_WITHOUT_DECORATOR or path.stem in QUEUE_WORKERS
    else:
        assert in_template == [declared]
