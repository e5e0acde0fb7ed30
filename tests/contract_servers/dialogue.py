"""A vendor on loopback for what takes several calls: answers by operation rather than in the order of requests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request

from tests.contract_servers.documents import Contract
from tests.contract_servers.server import ContractServer, Reply

Answers = Mapping[str, Reply | Sequence[Reply]]

_KNOWN: dict[tuple[object, ...], list[str]] = {}  # contracts live as long as the tests


class Dialogue(ContractServer):
    """``answers`` are for ``"POST /2/tweets"`` (no query): one reply for good, or several of which the last stays.

    What has no answer here gets the document's own; a faulty request 422, as ever. Query parameters that the document
    does not name are problems, too.
    """

    def __init__(self, contract: Contract, answers: Answers | None = None, *, silence_seconds: float = 10) -> None:
        super().__init__(contract, silence_seconds=silence_seconds)
        self._answers: dict[str, list[Reply]] = {}
        self.answer(answers or {})

    def __enter__(self) -> "Dialogue":
        super().__enter__()
        return self

    def answer(self, answers: Answers) -> None:
        """From now on."""
        for name, replies in answers.items():
            self._answers[name] = [replies] if isinstance(replies, Reply) else list(replies)

    @property
    def patience(self) -> float:
        """Seconds a client had better wait: few where an answer hangs, many where the machine may be busy."""
        return 0.4 if any(reply.hang for replies in self._answers.values() for reply in replies) else 10

    def calls(self, name: str) -> list[Any]:
        """The bodies received by ``"POST /2/tweets"``."""
        return [each.body for each in self.received if f"{each.method} {each.path.partition('?')[0]}" == name]

    def _documented(self, request: Request, problems: list[str]) -> Reply:
        replies = self._answers.get(f"{request.method} {request.path}")
        if problems or not replies:
            return super()._documented(request, problems)
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def _faults(self, request: Request) -> Iterator[str]:
        """A request that came before, to the octet, is not checked again: checking is what takes the time."""
        headers = tuple(sorted((name, value) for name, value in request.headers if name != "Host"))
        key = (id(self._contract), request.method, request.full_path, headers, request.get_data())
        if key not in _KNOWN:
            _KNOWN[key] = list(self._found(request))
        yield from _KNOWN[key]

    def _found(self, request: Request) -> Iterator[str]:
        yield from super()._faults(request)
        operation = self._contract.operation(request.method, request.path)
        if operation is not None:
            parameters = [self._contract.resolved(each) for each in operation.get("parameters", [])]
            known = {each["name"] for each in parameters if each["in"] == "query"}
            yield from (f"unknown query parameter {name!r}" for name in sorted(set(request.args) - known))
