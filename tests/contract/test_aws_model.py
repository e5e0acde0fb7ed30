"""The model check itself: what botocore lets through is caught."""

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from clarion.channels.ses import create_client
from tests.contract.aws_model import ModelledAws, Refusal


def good_request() -> dict[str, Any]:
    simple = {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hi"}}, "Headers": []}
    return {
        "FromEmailAddress": "a@example.com",
        "Destination": {"ToAddresses": ["b@example.com"]},
        "Content": {"Simple": simple},
    }


def headers(*values: str) -> dict[str, Any]:
    request = good_request()
    request["Content"]["Simple"]["Headers"] = [{"Name": f"X-{n}", "Value": value} for n, value in enumerate(values)]
    return request


def tracking(status: str) -> dict[str, Any]:
    return good_request() | {"ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": status}}}


@pytest.fixture
def aws() -> tuple[Any, ModelledAws]:
    client = create_client("eu-west-1")
    return client, ModelledAws(client, [{"MessageId": "m"}])


def test_a_request_within_the_model_has_no_problem(aws):
    client, model = aws
    assert client.send_email(**good_request())["MessageId"] == "m"
    assert model.problems == []
    assert model.attempts == 1


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (headers(*["x"] * 16), "Content/Simple/Headers: breaks maxItems 15"),
        (headers("x" * 996), "Headers/0/Value: breaks maxLength 995"),
        (headers("caffè"), "Headers/0/Value: breaks pattern"),
        (headers("a\nb"), "Headers/0/Value: breaks pattern"),
        (tracking("ON"), "OpenTrackingEnabled: breaks enum ['ENABLED', 'DISABLED']"),
    ],
)
def test_what_botocore_would_send_and_aws_refuse_is_a_problem(aws, request_, problem):
    client, model = aws
    client.send_email(**request_)
    assert problem in model.problems[0]


def entry(**changes: Any) -> dict[str, Any]:
    template = {"TemplateContent": {"Subject": "{{s}}"}, "TemplateData": "{}"}
    one = {"Destination": {"ToAddresses": ["b@example.com"]}, **changes}
    return {"DefaultContent": {"Template": template}, "BulkEmailEntries": [one]}


@pytest.mark.parametrize(("request_", "problem"), [
    (entry(ReplacementHeaders=[{"Name": "X-A", "Value": "x"}] * 16), "ReplacementHeaders: breaks maxItems 15"),
    (entry(ReplacementHeaders=[{"Name": "X A", "Value": "x"}]), "ReplacementHeaders/0/Name: breaks pattern"),
    (entry(ReplacementHeaders=[{"Name": "X-A", "Value": "x" * 996}]), "Headers/0/Value: breaks maxLength 995"),
    (entry(ReplacementEmailContent={"ReplacementTemplate": {"ReplacementTemplateData": "x" * 262_145}}),
     "ReplacementTemplateData: breaks maxLength 262144"),
    (entry() | {"ConfigurationOverrides": {"Tracking": {"ClickTrackingEnabled": "OFF"}}}, "breaks enum"),
])  # fmt: skip
def test_so_is_a_bulk_call(aws, request_, problem):
    client, model = aws
    client.send_bulk_email(**request_)
    assert problem in model.problems[0]


@pytest.mark.parametrize(("call", "request_"), [
    ("send_email", good_request() | {"EmailTag": []}),
    ("send_bulk_email", entry(ReplacementTag=[])),
])  # fmt: skip
def test_a_misspelt_member_is_found_and_never_leaves(aws, call, request_):
    client, model = aws
    with pytest.raises(ParamValidationError, match="Unknown parameter"):
        getattr(client, call)(**request_)
    assert "breaks additionalProperties" in model.problems[0]
    assert model.attempts == 0


def test_an_error_answer_comes_out_of_botocore_as_its_exception():
    client = create_client("eu-west-1")
    ModelledAws(client, [Refusal(400, "MessageRejected", "virus")])
    with pytest.raises(client.exceptions.MessageRejected, match="virus"):
        client.send_email(**good_request())
