"""The development channel."""

import pytest

from clarion.channels.null import NullChannel
from clarion.domain.outcomes import Accepted
from tests.channels.mails import a_mail


def test_everything_is_accepted_under_the_same_ids_each_time():
    mails = [a_mail(1), a_mail(2)]
    expected = [Accepted("null-m1@acme.example"), Accepted("null-m2@acme.example")]
    assert NullChannel().send(mails) == NullChannel().send(mails) == expected


def test_more_than_fifty_mails_are_the_callers_mistake():
    with pytest.raises(ValueError, match="at most 50"):
        NullChannel().send([a_mail(n) for n in range(51)])
