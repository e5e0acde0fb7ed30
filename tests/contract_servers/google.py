"""Google's contract is its protocol buffers: what is sent and what we let it answer must both parse by them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.ads.googleads.v25.services.types import google_ads_service as ads
from google.ads.googleads.v25.services.types import offline_user_data_job_service as jobs
from google.ads.googleads.v25.services.types import user_list_service as lists
from google.protobuf import json_format
from openapi_core import OpenAPI
from werkzeug.wrappers import Request

from tests.contract_servers.dialogue import Answers, Dialogue
from tests.contract_servers.documents import Contract, Json
from tests.contract_servers.server import Reply

_CUSTOMER = r"/v25/customers/[0-9]{10}/"
METHODS: dict[str, tuple[Any, Any]] = {
    rf"{_CUSTOMER}googleAds:mutate": (ads.MutateGoogleAdsRequest, ads.MutateGoogleAdsResponse),
    rf"{_CUSTOMER}googleAds:searchStream": (ads.SearchGoogleAdsStreamRequest, ads.SearchGoogleAdsStreamResponse),
    rf"{_CUSTOMER}userLists:mutate": (lists.MutateUserListsRequest, lists.MutateUserListsResponse),
    rf"{_CUSTOMER}offlineUserDataJobs:create": (
        jobs.CreateOfflineUserDataJobRequest,
        jobs.CreateOfflineUserDataJobResponse,
    ),
    rf"{_CUSTOMER}offlineUserDataJobs/[0-9]+:addOperations": (
        jobs.AddOfflineUserDataJobOperationsRequest,
        jobs.AddOfflineUserDataJobOperationsResponse,
    ),
    rf"{_CUSTOMER}offlineUserDataJobs/[0-9]+:run": (jobs.RunOfflineUserDataJobRequest, None),
}
_FIELD = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)+\b|(?<=FROM )\w+")


class GoogleAdsServer(Dialogue):
    """Holds methods, bodies, headers and the fields of queries to Google's descriptors; `Dialogue` says the rest."""

    def __init__(self, answers: Answers | None = None, *, silence_seconds: float = 10) -> None:
        super().__init__(_nothing(), answers, silence_seconds=silence_seconds)

    def __enter__(self) -> "GoogleAdsServer":
        super().__enter__()
        return self

    def _faults(self, request: Request) -> Iterator[str]:
        types = types_of(request.path)
        if request.method != "POST" or types is None:
            yield "no such method"
            return
        for header in ("Authorization", "developer-token", "login-customer-id"):
            if not request.headers.get(header):
                yield f"no {header}"
        yield from _unparsed(request.get_json(), types[0])
        yield from (f"no such field: {name}" for name in _fields(request.get_json()) if not _is_field(name))

    def _documented(self, request: Request, problems: list[str]) -> Reply:
        reply = super()._documented(request, problems)
        types = types_of(request.path)
        if reply.status == 200 and not reply.drop and types is not None and types[1] is not None:
            for part in reply.body if isinstance(reply.body, list) else [reply.body]:
                if isinstance(part, dict):
                    self.problems += [
                        f"an answer Google would not give: {fault}" for fault in _unparsed(part, types[1])
                    ]
        return reply


@cache
def _nothing() -> Contract:
    info = {"openapi": "3.0.3", "info": {"title": "none", "version": "0"}, "paths": {}}
    return Contract(info, OpenAPI.from_dict(info), ())


def types_of(path: str) -> tuple[Any, Any] | None:
    """The messages asked and answered at a path; None where there is no such method."""
    return next((types for pattern, types in METHODS.items() if re.fullmatch(pattern, path)), None)


def _unparsed(body: Json, kind: Any) -> Iterator[str]:
    try:
        json_format.ParseDict(body, kind.pb(kind()))
    except json_format.ParseError as error:
        yield str(error)


def _fields(body: Json) -> list[str]:
    unquoted = re.sub(r"'[^']*'", "", str(body.get("query", "")))
    return _FIELD.findall(unquoted)


def _is_field(name: str) -> bool:
    """Whether ``metrics.cost_micros`` is one of a row."""
    descriptor = ads.GoogleAdsRow.pb(ads.GoogleAdsRow()).DESCRIPTOR
    for step in name.split("."):
        field = descriptor.fields_by_name.get(step) if descriptor is not None else None
        if field is None:
            return False
        descriptor = field.message_type
    return True
