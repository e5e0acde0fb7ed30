"""What the emulator does otherwise than AWS, or more slowly than it need, set right in its own process."""

import functools
import json
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import dynamodb, lambda_svc, secretsmanager  # type: ignore[import-untyped]

_MOST_WORKERS = 4


def apply() -> None:
    """Replace what is wrong; call it once, before the emulator serves."""
    _wait_less_for_log_lines()
    _read_streams_from_their_start()
    _put_inserted_items_into_the_stream()
    _read_concurrency_as_a_number()
    _name_first_versions_of_secrets_as_asked()


def _wait_less_for_log_lines() -> None:
    """Shorten the emulator's wait for log lines after each invocation.

    It waits 50 ms for a first line, so that a function that logs nothing answers in 56 ms. A line that comes
    later is not lost, it is shown with the next invocation.
    """
    wait = functools.partialmethod(
        lambda_runtime.Worker._drain_stderr_bounded,  # noqa: SLF001  # it has no setting
        first_line_wait=0.002,
        idle_confirm=0.001,
    )
    setattr(lambda_runtime.Worker, "_drain_stderr_bounded", wait)  # noqa: B010  # mypy refuses a plain assignment


def _read_streams_from_their_start() -> None:
    """Forget how far the streams were read when the emulator's state is restored.

    It keeps the positions of the readers but not the records, so after a restart every new record would count as
    read until there are as many as before.
    """
    restore = lambda_svc._restore_esm_positions  # noqa: SLF001  # it has no setting

    def restored(store: Any, positions: Any) -> None:
        restore(store, positions)
        for (account, region, reader), _ in list(store.all_items()):
            store.set_scoped(account, region, reader, 0)

    setattr(lambda_svc, "_restore_esm_positions", restored)  # noqa: B010  # mypy refuses a plain assignment


def _put_inserted_items_into_the_stream() -> None:
    """Let a PartiQL INSERT write a stream record, as every write does on AWS."""
    insert = dynamodb._partiql_insert  # noqa: SLF001  # it has no setting

    def streamed(table: dict[str, Any], parsed: dict[str, Any]) -> Any:
        answer = insert(table, parsed)
        if answer[0] == 200:
            item = parsed["item"]
            inserted = item["M"] if set(item) == {"M"} else item
            dynamodb._emit_stream_event(table["TableName"], "INSERT", None, inserted)  # noqa: SLF001
        return answer

    setattr(dynamodb, "_partiql_insert", streamed)  # noqa: B010  # mypy refuses a plain assignment


def _read_concurrency_as_a_number() -> None:
    """Take a queue's `MaximumConcurrency` for a number where the template gives it by a parameter, which is text.

    The emulator's queue poller fails on the text, for every queue. More workers than `_MOST_WORKERS` would only wait
    for each other on one machine.
    """
    limit = lambda_svc._sqs_esm_concurrency  # noqa: SLF001  # it has no setting

    def numeric(mapping: dict[str, Any], *more: Any) -> int:
        named = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
        scaling = {"MaximumConcurrency": int(named)} if named else None
        return min(int(limit({**mapping, "ScalingConfig": scaling}, *more)), _MOST_WORKERS)

    setattr(lambda_svc, "_sqs_esm_concurrency", numeric)  # noqa: B010  # mypy refuses a plain assignment


def _name_first_versions_of_secrets_as_asked() -> None:
    """Give a new secret's version the name that CreateSecret asks for by `ClientRequestToken`, as AWS does.

    The emulator takes the name from PutSecretValue alone.
    """
    create = secretsmanager._create_secret  # noqa: SLF001  # it has no setting

    def created(data: dict[str, Any]) -> Any:
        answer = create(data)
        asked = data.get("ClientRequestToken")
        if answer[0] != 200 or not asked:
            return answer
        made = json.loads(answer[2])
        versions = secretsmanager._secrets[data["Name"]]["Versions"]  # noqa: SLF001
        versions[asked] = versions.pop(made["VersionId"])
        return secretsmanager.json_response({**made, "VersionId": asked})

    setattr(secretsmanager, "_create_secret", created)  # noqa: B010  # mypy refuses a plain assignment
