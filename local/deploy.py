"""Build and deploy the real template into the emulator; skipped as long as nothing has changed."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local import gateway
from local.settings import EMAIL_FROM, REGION, ROOT, STACK_NAME, LocalError, Settings, architecture, runtime

_ARTIFACTS = "clarion-artifacts"
_ACCOUNT = "000000000000"

Progress = Callable[[str], None]


def deploy(settings: Settings, progress: Progress) -> dict[str, str]:
    """Bring the deployed stack up to date with the working tree and return its outputs.

    Raises:
        LocalError: a step failed; the message names the log.
    """
    wanted = _fingerprint(settings)
    deployed = _deployed(settings)
    if deployed and deployed["hash"] == wanted and _stack_exists(settings):
        return dict(deployed["outputs"])
    started = time.monotonic()
    progress("building")
    parameters = " ".join(f'{name}="{value}"' for name, value in _parameters(settings).items())  # as sam reads it
    build = settings.home / "build"
    cache = settings.home / f"cache-{runtime()}"  # sam does not see that a layer depends on the runtime
    _sam(
        settings,
        "build",
        *("--build-dir", build, "--cache-dir", cache, "--cached", "--parallel"),
        *("--parameter-overrides", parameters),
    )
    progress("deploying")
    _ensure_bucket(settings)
    _sam(
        settings,
        "deploy",
        *("--template-file", build / "template.yaml", "--stack-name", STACK_NAME, "--s3-bucket", _ARTIFACTS),
        *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--no-progressbar", "--no-resolve-s3", "--parameter-overrides", parameters),
    )
    outputs = _outputs(settings)
    functions = _open_routes(settings)
    _verify_sender(settings)
    content = {"hash": wanted, "outputs": outputs, "functions": functions}
    _write(settings.deployed_file, json.dumps(content, indent=1))
    progress(f"deployed in {time.monotonic() - started:.0f} s")
    return outputs


def client(settings: Settings, service: str) -> Any:
    """Return a boto3 client of the emulator's root user."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service's name
        endpoint_url=settings.endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's own root key
        config=Config(max_pool_connections=32, s3={"addressing_style": "path"}),
    )


def _parameters(settings: Settings) -> dict[str, str]:
    return {
        "Runtime": runtime(),
        "Architecture": architecture(),
        "PublicUrl": settings.web_url,
        "EmailFrom": EMAIL_FROM,
        "DevelopmentChannels": "console",
        "VendorUrls": f"console={settings.messages_url} {settings.vendor_urls}".strip(),
    }


def _fingerprint(settings: Settings) -> str:
    """Hash everything a deployment depends on: parameters, template, code."""
    digest = hashlib.sha256(json.dumps([_parameters(settings), sys.version]).encode())
    files = [ROOT / "template.yaml"]
    for folder in ("functions", "layers"):
        files += sorted(
            path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _deployed(settings: Settings) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(settings.deployed_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content


def _stack_exists(settings: Settings) -> bool:
    try:
        client(settings, "cloudformation").describe_stacks(StackName=STACK_NAME)
    except ClientError:
        return False
    return True


def _sam(settings: Settings, command: str, *arguments: str | Path) -> None:
    log_file = settings.home / f"sam-{command}.log"
    environment = settings.environment() | {
        "RUNTIME": runtime(),
        "ARCHITECTURE": architecture(),
        "PYTHON": sys.executable,
        "DEPENDENCIES": "installed",
    }
    line = [Path(sys.executable).parent / "sam", command, *arguments, "--region", REGION]
    if command == "build":
        line = line[:-2]  # `sam build` asks no service
    with log_file.open("wb") as log:
        done = subprocess.run(  # noqa: S603  # our own command line
            line, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    if done.returncode:
        reason = (_failed_resource(settings) if command == "deploy" else "") or _last_error(log_file)
        raise LocalError(f"`sam {command}` failed: {reason} (whole log: {log_file})")


def _last_error(log_file: Path) -> str:
    said = [line.strip() for line in log_file.read_text(errors="replace").splitlines()]
    errors = [line for line in said if "Error" in line and not line.startswith("http")]
    return errors[-1][:300] if errors else "it gives no reason"


def _failed_resource(settings: Settings) -> str:
    """Return the first resource of the last deployment that failed, with CloudFormation's reason."""
    try:
        pages = client(settings, "cloudformation").describe_stack_events(StackName=STACK_NAME)
    except ClientError:
        return ""
    first = ""
    for event in pages["StackEvents"]:  # newest first
        reason = event.get("ResourceStatusReason", "")
        if event["LogicalResourceId"] == STACK_NAME:
            if reason == "User Initiated":
                break
        elif event["ResourceStatus"].endswith("_FAILED"):
            first = f"{event['LogicalResourceId']}: {reason}"[:300]
    return first


def _ensure_bucket(settings: Settings) -> None:
    s3 = client(settings, "s3")
    if _ARTIFACTS not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=_ARTIFACTS)


def _verify_sender(settings: Settings) -> None:
    ses = client(settings, "sesv2")
    domain = EMAIL_FROM.partition("@")[2]  # any sender of the domain may send
    known = [identity["IdentityName"] for identity in ses.list_email_identities()["EmailIdentities"]]
    if domain not in known:
        ses.create_email_identity(EmailIdentity=domain)


def _outputs(settings: Settings) -> dict[str, str]:
    stack = client(settings, "cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    # The API's address in AWS does not resolve here.
    return outputs | {"ApiUrl": settings.web_url}


def _open_routes(settings: Settings) -> dict[str, str]:
    """Create the APIs' routes (see `gateway`) and return the functions' physical names by logical id."""
    cloudformation = client(settings, "cloudformation")
    template = cloudformation.get_template(StackName=STACK_NAME, TemplateStage="Processed")["TemplateBody"]
    if isinstance(template, str):
        template = json.loads(template)
    physical = {"AWS::Region": REGION, "AWS::URLSuffix": "amazonaws.com", "AWS::AccountId": _ACCOUNT}
    functions = {}
    apis = []
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
    for resource in (item for page in pages for item in page["StackResourceSummaries"]):
        name = resource["LogicalResourceId"]
        physical[name] = resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::Lambda::Function":
            functions[name] = physical[name]
            physical[name] = f"arn:aws:lambda:{REGION}:{_ACCOUNT}:function:{physical[name]}"
        elif resource["ResourceType"] == "AWS::ApiGatewayV2::Api":
            apis.append(name)
    for name in apis:
        body = template["Resources"][name]["Properties"]["Body"]
        gateway.import_body(client(settings, "apigatewayv2"), physical[name], body, physical)
    return functions


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".new")
    partial.write_text(text)
    partial.replace(path)  # readers see the old file or the whole new one
