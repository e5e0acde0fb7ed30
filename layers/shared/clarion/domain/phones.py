"""Phone numbers: which are taken, and their E.164 form (``+493090182080``), the one that vendors and suppressions know.

The rules are libphonenumber's, by its Python port without place names and carriers; it is loaded on first use.
"""

import re
from functools import lru_cache

_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_NUMBER_IN_TEXT = re.compile(r"\+?[0-9][0-9 ().-]{4,18}[0-9]")
_LONGEST = 64
_PROBLEMS = (
    # By libphonenumber's error types: country code, no number, too short after the prefix, too short, too long.
    "a number without its country code: write it as +49… (an import may name its phoneRegion)",
    "not a phone number",
    "too short for a phone number",
    "too short for a phone number",
    "too long for a phone number",
)


def parse_phone(text: str, region: str | None = None) -> str:
    """The E.164 form of the number in ``text``; ValueError says in plain words what is wrong.

    ``region`` (ISO 3166-1 alpha-2, ``DE``) tells how a number without ``+`` is meant; without it such a number is
    refused rather than guessed. Blanks, dashes, brackets and ``tel:`` are ignored, letters read as on a keypad
    (``+1 800 FLOWERS``). A number nobody can have, and one with an extension, are refused. Whether it is a mobile's
    is not asked: in many countries nobody can tell.
    """
    import phonenumbers

    if len(text) > _LONGEST:
        raise ValueError(_PROBLEMS[4])
    try:
        number = phonenumbers.parse(text, None if region is None else parse_region(region))
    except phonenumbers.NumberParseException as error:
        raise ValueError(_problem(error.error_type, text)) from None
    if number.extension:
        raise ValueError("an extension cannot receive a text message")
    if not phonenumbers.is_valid_number(number):
        raise ValueError("no such number: libphonenumber knows none of that form in its country")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def parse_region(text: str) -> str:
    """The region as ISO 3166-1 writes it, ``DE``; ValueError where no phone numbers are known of it."""
    import phonenumbers

    region = text.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"not a region with phone numbers of its own: {text[:20]!r}")
    return region


@lru_cache(maxsize=4096)  # asked for several times per contact, 0.15 ms each
def key_of_phone(text: str) -> str | None:
    """The E.164 form of a number written internationally; None where there is none to be sure of."""
    try:
        return parse_phone(text)
    except ValueError:
        return None


def is_e164(text: str) -> bool:
    """Whether ``text`` has the form of an E.164 number; who has it, if anybody, is not asked."""
    return _E164.fullmatch(text) is not None


def without_numbers(text: str) -> str:
    """``text`` with each phone number left out: vendors quote the recipient's in their complaints."""
    return _NUMBER_IN_TEXT.sub("…", text)


def _problem(kind: int, text: str) -> str:
    if kind == 0 and text.lstrip().startswith(("+", "＋")):
        return "no country has this country code"
    return _PROBLEMS[kind]
