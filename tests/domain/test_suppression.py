"""Whose word counts for a suppressed address."""

from typing import get_args

import pytest

from clarion.domain.suppression import RECIPIENTS_WORD, SuppressionReason, outranks
from clarion.hot import unsubscribe

OTHERS = sorted(set(get_args(SuppressionReason)) - set(RECIPIENTS_WORD))


@pytest.mark.parametrize("said", RECIPIENTS_WORD)
@pytest.mark.parametrize("other", OTHERS)
def test_what_the_recipient_said_goes_before_what_others_say_and_never_the_other_way_round(
    said: str, other: str
) -> None:
    assert outranks(said, other)
    assert not outranks(other, said)


@pytest.mark.parametrize("reasons", [RECIPIENTS_WORD, OTHERS])
def test_of_two_alike_the_first_stays(reasons: tuple[str, ...]) -> None:
    assert not any(outranks(one, other) for one in reasons for other in reasons)


def test_others_are_servers_users_and_files() -> None:
    assert OTHERS == ["hard_bounce", "import", "manual"]


def test_the_hot_path_knows_the_same_rule() -> None:
    assert unsubscribe.RECIPIENTS_WORD == RECIPIENTS_WORD
