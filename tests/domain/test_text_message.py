"""A text message that exists can be sent."""

import pytest

from clarion.domain.text_message import TextMessage
from tests.channels.texts import a_text


def test_the_longest_message_with_all_tags():
    tags = {f"tag{n}": "x" * 100 for n in range(5)}
    message = a_text(body="é" * 1_600, sender="MG" + "0" * 32, message_tags=tags)
    assert isinstance(message, TextMessage)


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"to": "4930901820"}, "E.164"),
    ({"to": "+49 30 901820"}, "E.164"),
    ({"to": ""}, "E.164"),
    ({"sender": ""}, "sender"),
    ({"sender": " ACME"}, "sender"),
    ({"sender": "Büro"}, "sender"),
    ({"sender": "x" * 257}, "sender"),
    ({"body": ""}, "empty"),
    ({"body": " \n"}, "empty"),
    ({"body": "x" * 1_601}, "1601 characters, at most 1600"),
    ({"body": "a\0"}, "NUL"),
    ({"body": "a\ud800"}, "surrogate"),
    ({"message_tags": {f"t{n}": "x" for n in range(6)}}, "at most 5"),
    ({"message_tags": {"org": "a&b"}}, "'org' may hold"),
    ({"message_tags": {"o rg": "a"}}, "'o rg' may hold"),
    ({"message_tags": {"org": ""}}, "'org' may hold"),
])  # fmt: skip
def test_what_no_vendor_takes_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        a_text(**changes)
