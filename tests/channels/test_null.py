"""The development channels."""

import pytest

from clarion.channels.null import NullChannel, NullTextChannel
from clarion.domain.outcomes import Accepted
from clarion.domain.text_message import TextChannel
from tests.channels.mails import a_mail
from tests.channels.texts import a_text


def test_everything_is_accepted_under_the_same_ids_each_time():
    mails = [a_mail(1), a_mail(2)]
    expected = [Accepted("null-m1@acme.example"), Accepted("null-m2@acme.example")]
    assert NullChannel().send(mails) == NullChannel().send(mails) == expected


def test_more_than_fifty_mails_are_the_callers_mistake():
    with pytest.raises(ValueError, match="at most 50"):
        NullChannel().send([a_mail(n) for n in range(51)])


def test_every_text_message_is_accepted_under_the_same_id_each_time():
    texts = [a_text(1), a_text(2)]
    channel: TextChannel = NullTextChannel()
    first, second = channel.send(texts)
    assert isinstance(first, Accepted)
    assert first.vendor_id.startswith("null-")
    assert first != second
    assert channel.send(texts) == [first, second]


def test_more_than_fifty_text_messages_are_the_callers_mistake():
    with pytest.raises(ValueError, match="at most 50"):
        NullTextChannel().send([a_text()] * 51)
