"""What people mean when they answer."""

import pytest

from clarion.domain.inbound_text import Intent, intent_of


@pytest.mark.parametrize("body", [
    "STOP", "stop", " Stop. ", "\"STOP\"", "STOP!!!", "Stopall", "unsubscribe", "CANCEL", "End", "quit", "revoke",
    "OPT-OUT", "opt out", "optout", "REMOVE", "arrêt", "ARRET", "TD", "stopp",
    "STOP texting me", "Stop, please", "Unsubscribe me from this list",
])  # fmt: skip
def test_an_opt_out(body):
    assert intent_of(body) is Intent.OPT_OUT


@pytest.mark.parametrize("body", ["START", "start.", "Unstop", "opt in"])
def test_an_opt_in(body):
    assert intent_of(body) is Intent.OPT_IN


@pytest.mark.parametrize("body", ["HELP", "info?"])
def test_a_call_for_help(body):
    assert intent_of(body) is Intent.HELP


@pytest.mark.parametrize("body", [
    "YES", "", "😀", "...", "Do not stop sending", "End of the week is fine", "cancel my order 7", "Where do I start",
    "non-stop", "help me choose", "quite nice",
])  # fmt: skip
def test_anything_else_is_a_reply(body):
    assert intent_of(body) is Intent.REPLY
