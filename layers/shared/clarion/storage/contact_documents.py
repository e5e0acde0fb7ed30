"""Contacts as filters and templates see them, read in bulk: only ``body`` is fetched and no model is built.

botocore's parser takes as long per attribute as ``json.loads`` per contact, so asking for the one attribute reads
65,000 contacts a second where whole rows give 29,000 (bench/csv_import.py shows the planner's rate).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from clarion import keys
from clarion.domain.contact import document_of

Document = dict[str, Any]
_GET_LIMIT = 100  # keys a BatchGetItem takes


class ContactDocuments:
    """``client`` is a botocore DynamoDB client, ``name`` the table's name."""

    def __init__(self, client: Any, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._name, self._sleep = client, name, sleep

    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """Documents in order of id after ``after``, and the id to go on after (None at the end)."""
        pk = keys.contacts_pk(org_id, shard)
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":sk": {"S": "CONTACT#"}},
            "ProjectionExpression": "body",
            "ConsistentRead": True,
            "Limit": limit,
        }
        if after:
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": f"CONTACT#{after}"}}
        answer = self._client.query(**request)
        last = answer.get("LastEvaluatedKey")
        documents = [document_of(item["body"]["S"]) for item in answer["Items"]]
        return documents, last["sk"]["S"].removeprefix("CONTACT#") if last else None

    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Document]:
        """The documents of those contacts that exist, in any order."""
        unique = dict.fromkeys(contact_ids)
        wanted = [{n: {"S": v} for n, v in keys.contact(org_id, each).items()} for each in unique]
        return list(self._read(wanted))

    def _read(self, wanted: list[dict[str, Any]]) -> Iterator[Document]:
        attempt = 0
        while wanted:
            part, wanted = wanted[:_GET_LIMIT], wanted[_GET_LIMIT:]
            request = {"Keys": part, "ProjectionExpression": "body", "ConsistentRead": True}
            answer = self._client.batch_get_item(RequestItems={self._name: request})
            for item in answer["Responses"].get(self._name, []):
                yield document_of(item["body"]["S"])
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if left:
                attempt += 1
                self._sleep(min(0.05 * 2**attempt, 2.0))
            wanted = [*left, *wanted]
