"""The local stack as an object, for tests and the demo."""

import json
import shutil
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from local import process
from local.deploy import Progress, client, deploy
from local.settings import LocalError, Settings


class FunctionFailed(Exception):
    """A function that was called directly raised; the message is its error."""


@dataclass(frozen=True)
class Stack:
    """A running, deployed local stack.

    Attributes:
        settings: its ports and folder.
        outputs: the template's outputs, e.g. `TableName`, `BucketName`, `SendQueueUrl`.
        functions: physical function names by logical id, e.g. `SendBatch`.
    """

    settings: Settings
    outputs: dict[str, str]
    functions: dict[str, str]
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def up(cls, settings: Settings | None = None, progress: Progress = print) -> "Stack":
        """Start the emulator and deploy, whichever is needed, and return the stack.

        Raises:
            LocalError: a step failed, with one line saying which and why.
        """
        settings = settings or Settings.from_environment()
        with process.exclusive(settings):
            if process.start(settings):
                progress(f"emulator started on port {settings.port}")
            deploy(settings, progress)
        return cls.running(settings)

    @classmethod
    def running(cls, settings: Settings | None = None) -> "Stack":
        """Return the stack that is up.

        Raises:
            LocalError: it is not.
        """
        settings = settings or Settings.from_environment()
        if process.running_pid(settings) is None or not settings.deployed_file.exists():
            raise LocalError("the stack is not up; start it with `make dev` or `python -m local up`")
        deployed = json.loads(settings.deployed_file.read_text())
        return cls(settings, deployed["outputs"], deployed["functions"])

    @property
    def api_url(self) -> str:
        """Base URL of the API and of the tracking links, without a trailing slash."""
        return self.settings.web_url

    @property
    def inbox_url(self) -> str:
        """The page that lists what was sent."""
        return f"{self.settings.web_url}/inbox"

    def client(self, service: str) -> Any:
        """Return a boto3 client of the emulator's root user; the same one each time."""
        if service not in self._clients:
            self._clients[service] = client(self.settings, service)
        return self._clients[service]

    def mails(self, after: int = -1, limit: int = 1000, to: str = "") -> list[dict[str, Any]]:
        """Return up to `limit` (at most 1,000) sent mails with a `number` above `after`, oldest first.

        `to` is a part of the recipient's address. Each mail has number, message_id, sender, to, subject, text, html,
        sent_at, tags, headers, configuration_set.
        """
        url = f"{self.inbox_url}/mails.json?{urlencode({'after': after, 'limit': limit, 'to': to})}"
        with urlopen(url, timeout=30) as answer:  # noqa: S310  # our own loopback server
            mails: list[dict[str, Any]] = json.load(answer)["mails"]
        return mails

    def messages(self, after: int = -1, limit: int = 1000, to: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Return mails as `mails` does, and texts, posts and ads as the console showed them, with number and sent_at.

        `to` is a part of the recipient's address or number, of the profile or of the ad account; `kind` is mail, text,
        post or ad.
        """
        url = f"{self.inbox_url}/messages.json?{urlencode({'after': after, 'limit': limit, 'to': to, 'kind': kind})}"
        with urlopen(url, timeout=30) as answer:  # noqa: S310  # our own loopback server
            messages: list[dict[str, Any]] = json.load(answer)["messages"]
        return messages

    def invoke(self, function: str, payload: Any = None) -> Any:
        """Call a function by its logical id and return what it returns.

        Raises:
            FunctionFailed: the function raised.
        """
        answer = self.client("lambda").invoke(
            FunctionName=self.functions[function], Payload=json.dumps(payload or {}).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise FunctionFailed(f"{function}: {result}")
        return result

    def down(self) -> None:
        """Stop the emulator; its state is kept."""
        with process.exclusive(self.settings):
            process.stop(self.settings)


def reset(settings: Settings) -> None:
    """Stop the stack and forget everything in it."""
    with process.exclusive(settings):
        process.stop(settings)
        shutil.rmtree(settings.state, ignore_errors=True)
