"""Single writes and transactions that meet another transaction on their item."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from clarion.storage.table import ConditionFailed, Table, put

KEY = {"pk": "a", "sk": "b"}


def refused(code: str, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "CancellationReasons": [{"Code": each} for each in reasons]}
    return ClientError(answer, "write")


class Scripted:
    """A DynamoDB client that answers each call with the next of its errors, and then well."""

    def __init__(self, *errors: ClientError) -> None:
        self.errors, self.calls = list(errors), list[dict[str, Any]]()

    def _answer(self, **request: Any) -> dict[str, Any]:
        self.calls.append(request)
        if self.errors:
            raise self.errors.pop(0)
        return {}

    put_item = update_item = delete_item = transact_write_items = _answer


def table(client: Scripted) -> Table:
    return Table(client, "t", sleep=lambda seconds: None)


@pytest.mark.parametrize("write", ["put", "update", "delete"])
def test_a_single_write_waits_for_the_transaction_that_holds_its_item(write: str) -> None:
    client = Scripted(refused("TransactionConflictException"), refused("TransactionConflictException"))
    writes = {
        "put": lambda: table(client).put(KEY),
        "update": lambda: table(client).update(KEY, set={"n": 1}),
        "delete": lambda: table(client).delete(KEY),
    }
    writes[write]()
    assert len(client.calls) == 3


def test_a_conflict_that_does_not_end_is_told() -> None:
    client = Scripted(*[refused("TransactionConflictException") for _ in range(50)])
    with pytest.raises(ClientError, match="TransactionConflictException"):
        table(client).put(KEY)
    assert 5 < len(client.calls) < 50


def test_a_failed_condition_is_not_tried_again() -> None:
    client = Scripted(refused("ConditionalCheckFailedException"))
    with pytest.raises(ConditionFailed):
        table(client).put(KEY, if_absent=True)
    assert len(client.calls) == 1


def test_all_attempts_of_a_transaction_share_a_token_and_two_transactions_do_not() -> None:
    client = Scripted(
        refused("TransactionCanceledException", "None", "TransactionConflict"),
        refused("TransactionInProgressException"),
    )
    table(client).transact([put(KEY)])
    table(client).transact([put(KEY)])
    tokens = [call["ClientRequestToken"] for call in client.calls]
    assert len(tokens) == 4
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]
    assert all(call["TransactItems"] == client.calls[0]["TransactItems"] for call in client.calls)
