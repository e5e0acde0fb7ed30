"""``Idempotency-Key``: a repeated write gets the first answer again (draft-ietf-httpapi-idempotency-key-header).

Powertools keeps the answers for a day in the table, under a hash of organisation, user, operation and key. The same key
with another body is refused; while the first request still runs, its repetition is told so. A request whose function
died before its answer was kept runs again, and creates nothing twice, since ``Caller.new_id`` gives it the same ids.
Public routes ignore the header: nobody's key would be everybody's, and their answers hold tokens. So do routes that say
``remembers=False``: a digest of each request is kept with its answer, and credentials are to leave none.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from zlib import compress, decompress

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.serialization.custom_dict import CustomDictSerializer

from clarion.domain.errors import Conflict, RuleBroken
from clarion.edge.caller import Caller
from clarion.settings import settings

Answer = dict[str, Any]
_DAY = 24 * 60 * 60
_LONG = 50_000  # characters of an answer that are kept compressed, since an item holds 400 KB
_ORGANISATIONS = 100


def once(caller: Caller, operation: str, event: Mapping[str, Any], context: Any, act: Callable[[], Answer]) -> Answer:
    """``act()``'s answer, or the kept one of an earlier request with the caller's key."""
    method = event.get("requestContext", {}).get("http", {}).get("method", "")
    if not caller.idempotency_key or not caller.user_id or method in ("GET", "HEAD"):
        return act()
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="request",
        expires_after_seconds=_DAY,
        use_local_cache=False,
        lambda_context=context,
    )

    def act_on(*, request: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - Powertools reads it
        return act()

    run: Callable[..., Answer] = idempotent_function(
        act_on,
        data_keyword_argument="request",
        persistence_store=_kept_answers(caller.org_id),
        config=config,
        output_serializer=CustomDictSerializer(_pack, _unpack),
    )
    key = [caller.org_id, caller.user_id, operation, caller.idempotency_key]
    body = [event.get("rawPath"), event.get("body"), (event.get("headers") or {}).get("if-match")]
    try:
        return run(request={"key": key, "request": body})
    except IdempotencyValidationError:
        raise RuleBroken("this Idempotency-Key was used with a different request", "headers.idempotency-key") from None
    except IdempotencyAlreadyInProgressError:
        raise Conflict("the first request with this Idempotency-Key is still running") from None


def _pack(answer: Answer) -> Answer:
    if len(answer.get("body", "")) < _LONG:
        return answer
    return {"zlib": b64encode(compress(json.dumps(answer).encode())).decode()}


def _unpack(kept: Answer) -> Answer:
    if "zlib" not in kept:
        return kept
    answer: Answer = json.loads(decompress(b64decode(kept["zlib"])))
    return answer


@lru_cache(_ORGANISATIONS)
def _kept_answers(org_id: str) -> DynamoDBPersistenceLayer:
    from clarion.wiring import aws  # one client for all organisations

    return DynamoDBPersistenceLayer(
        boto3_client=aws("dynamodb"),
        table_name=settings().table_name,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value=f"IDEMPOTENCY#{org_id}",
        expiry_attr="expires_at",
    )
