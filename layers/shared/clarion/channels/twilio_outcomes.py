"""What Twilio's Messages API answers, as our outcomes (https://www.twilio.com/docs/api/errors).

A refusal that depends on the recipient or its country is a `Rejected`, though the owner could mend some of them (21408,
a country that is not enabled): one reader there must not hold up all the others. Twilio adds codes now and then; one
that is not listed is judged by whether its words name the number written to.
"""

import re

from clarion.channels.http import Answer
from clarion.channels.http_outcomes import asked_pause, unprocessed
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.phones import without_numbers
from clarion.domain.text_message import OPTED_OUT

_OPTED_OUT = 21610
_QUEUE_FULL = 21611  # the sending number has as many messages waiting as it may
_OF_THE_MESSAGE = {
    21211,  # not a valid number
    21214,  # cannot be reached
    21265,  # a short code
    21266,  # the sender itself
    21268,  # a premium number
    21408,  # its country is not enabled
    21612,  # this sender cannot reach it
    21614,  # cannot receive text messages
    21617,  # the text is too long
    21635,  # a landline
}
_ITS_NUMBER = re.compile(r"'To'", re.IGNORECASE)
_THE_SENDERS = re.compile(r"'From'|unverified", re.IGNORECASE)  # "unverified": a trial account writes to few


def of_answer(answer: Answer, now: float) -> Outcome:
    """What an answer proves; ``now`` is epoch seconds."""
    found = answer.json()
    told = found if isinstance(found, dict) else {}
    if 200 <= answer.status < 300:
        sid = told.get("sid")
        return Accepted(sid) if isinstance(sid, str) and sid else Unknown("Twilio answered without a message sid")
    code = told.get("code")
    words = without_numbers(answer.words(told.get("message")))
    if code == _QUEUE_FULL:
        return Retry(asked_pause(answer, now), words, throttled=True)
    outcome = unprocessed(answer, now)
    if outcome is not None:
        return outcome
    if code == _OPTED_OUT:
        return Rejected(OPTED_OUT, words)
    name = str(code or answer.status)
    refused = code in _OF_THE_MESSAGE or answer.status == 413
    if not refused and answer.status == 400:
        refused = bool(_ITS_NUMBER.search(words)) and not _THE_SENDERS.search(words)
    return Rejected(name, words) if refused else Stop(name, words)
