"""Fill the emulator's one gap in deploying the template: it ignores the OpenAPI body of an HTTP API.

`sam deploy` writes routes, integrations and authorizers into that body; here they are created by the calls of
`apigatewayv2` from the stack's own processed template, so that nothing in the template is for the emulator.
Drop this module when the emulator imports the body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}")
_VARIABLE = re.compile(r"\$\{([\w:]+)\}")


@dataclass(frozen=True)
class Route:
    """One route as the template has it; `authorizer` is empty for a public one."""

    key: str  # e.g. "GET /crm/me"
    function: str  # logical id
    authorizer: str


def routes(body: Mapping[str, Any]) -> list[Route]:
    """Return the routes of an OpenAPI body that SAM wrote."""
    found = []
    for path, operations in body.get("paths", {}).items():
        for method, operation in operations.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            function = _FUNCTION.search(uri)
            if function is None:
                raise ValueError(f"{method} {path} has no function")
            security = [name for entry in operation.get("security", []) for name in entry if name != "NONE"]
            found.append(Route(f"{method.upper()} {path}", function[1], security[0] if security else ""))
    return found


def import_body(client: Any, api_id: str, body: Mapping[str, Any], physical: Mapping[str, str]) -> int:
    """Make the API's routes those of the body and return their number.

    Args:
        client: a boto3 `apigatewayv2` client on the emulator.
        api_id: the API's physical id.
        body: the OpenAPI document of the processed template, intrinsic functions included.
        physical: physical ids by logical id, plus the pseudo parameters `AWS::Region` and so on; functions as ARNs.
    """
    authorizers = _authorizers(client, api_id, body, physical)
    integrations = {
        item["IntegrationUri"]: item["IntegrationId"]
        for item in client.get_integrations(ApiId=api_id, MaxResults="500")["Items"]
    }
    existing = {item["RouteKey"]: item for item in client.get_routes(ApiId=api_id, MaxResults="500")["Items"]}
    wanted = routes(body)
    for route in wanted:
        uri = physical[route.function]
        if uri not in integrations:
            integrations[uri] = client.create_integration(
                ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion="2.0"
            )["IntegrationId"]
        target: dict[str, str] = {"Target": f"integrations/{integrations[uri]}", "AuthorizationType": "NONE"}
        if route.authorizer:
            target |= {"AuthorizationType": "JWT", "AuthorizerId": authorizers[route.authorizer]}
        old = existing.pop(route.key, None)
        if old is None:
            client.create_route(ApiId=api_id, RouteKey=route.key, **target)
        elif any(old.get(name) != value for name, value in target.items()):
            client.update_route(ApiId=api_id, RouteId=old["RouteId"], **target)
    for gone in existing.values():
        client.delete_route(ApiId=api_id, RouteId=gone["RouteId"])
    return len(wanted)


def _authorizers(client: Any, api_id: str, body: Mapping[str, Any], physical: Mapping[str, str]) -> dict[str, str]:
    existing = {item["Name"]: item["AuthorizerId"] for item in client.get_authorizers(ApiId=api_id)["Items"]}
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        declared = scheme["x-amazon-apigateway-authorizer"]
        source = declared["identitySource"]
        settings = {
            "AuthorizerType": "JWT",
            "IdentitySource": [source] if isinstance(source, str) else source,
            "JwtConfiguration": {
                "Issuer": _resolve(declared["jwtConfiguration"]["issuer"], physical),
                "Audience": [_resolve(item, physical) for item in declared["jwtConfiguration"]["audience"]],
            },
        }
        if name in existing:
            client.update_authorizer(ApiId=api_id, AuthorizerId=existing[name], Name=name, **settings)
        else:
            existing[name] = client.create_authorizer(ApiId=api_id, Name=name, **settings)["AuthorizerId"]
    return existing


def _resolve(value: Any, physical: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return physical[value["Ref"]]
    return _VARIABLE.sub(lambda found: physical[found[1]], value["Fn::Sub"])
