"""What somebody wrote to one of our phone numbers, and what is meant by it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Intent(StrEnum):
    """What a text message to us asks for. OPT_OUT and OPT_IN are about everything sent to that number."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class InboundText:
    """``sender`` is the person's number (E.164), ``recipient`` the one they wrote to; ``at`` is aware.

    Whose number that is, and which of our messages is answered, the vendor does not know in our terms: ``account``
    (its account or messaging service) and ``answers`` (its id of our last message to the person) are what it tells.
    ``vendor_id`` is the vendor's own name for the message: told again, it is the same.
    """

    sender: str
    recipient: str
    body: str
    intent: Intent
    at: datetime
    source: str
    vendor_id: str
    account: str | None = None
    answers: str | None = None


_OPT_OUT = frozenset({
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),  # Twilio, 47 CFR 64.1200(a)(10)
    *("REMOVE", "ARRET", "ARRETE", "TD", "STOPP"),  # AWS has the first four
})  # fmt: skip
_OPT_OUT_FIRST = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE"})
_OPT_IN = frozenset({"START", "UNSTOP", "OPTIN"})
_HELP = frozenset({"HELP", "INFO"})
_ACCENTS = str.maketrans("ÊÉ", "EE")
_NO_LETTERS = re.compile(r"[\W_]+")


def intent_of(body: str) -> Intent:
    """What a message asks for by its words, where the vendor does not say.

    A keyword counts where it is the whole message, in any case and punctuation; ``STOP`` and ``UNSUBSCRIBE`` also as
    the first word: to write once too often is worse than once too seldom. ``YES`` is a reply, since campaigns ask
    for it.
    """
    words = _NO_LETTERS.sub(" ", body.upper().translate(_ACCENTS)).split()
    whole = "".join(words)
    if whole in _OPT_OUT or (words and words[0] in _OPT_OUT_FIRST):
        return Intent.OPT_OUT
    if whole in _OPT_IN:
        return Intent.OPT_IN
    return Intent.HELP if whole in _HELP else Intent.REPLY
