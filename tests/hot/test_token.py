from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from clarion.hot.token import CHANNELS, LENGTH, Purpose, Signer, Ticket, parse_keys

OLD, NEW = "0123456789abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba9876543210"
SIGNER = Signer.of(OLD)
CAMPAIGN = "01J9ZZZZZZZZZZZZZZZZZZZZZZ"
TICKET = Ticket("01J8Z3K9X4M5N6P7Q8R9S0T1V2", "01J8Z3K9X4M5N6P7Q8R9S0T1V3", 1, "email", 3)
TOKEN = SIGNER.sign("click", CAMPAIGN, "1", TICKET)

ulids = st.binary(min_size=16, max_size=16).map(lambda raw: str(ULID.from_bytes(raw)))
numbers = st.integers(0, 65_535)
tickets = st.builds(Ticket, ulids, ulids, numbers, st.sampled_from(CHANNELS), numbers)
purposes: Any = st.sampled_from(get_args(Purpose))
paths = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(tickets, purposes, paths, paths)
def test_what_was_signed_is_read_back(ticket: Ticket, purpose: Purpose, campaign: str, step: str) -> None:
    token = SIGNER.sign(purpose, campaign, step, ticket)
    assert len(token) == LENGTH
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()
    assert SIGNER.read(purpose, campaign, step, token) == ticket


@given(st.text(max_size=200) | st.text("ABCabc019-_=+/", min_size=LENGTH, max_size=LENGTH), st.text(), st.text())
def test_any_other_text_is_refused_without_an_exception(token: str, campaign: str, step: str) -> None:
    assert SIGNER.read("open", campaign, step, token) is None


@given(st.binary(min_size=54, max_size=54).map(lambda raw: b"\x01" + raw[1:]))
def test_any_other_bytes_under_a_known_key_are_refused(raw: bytes) -> None:
    assert SIGNER.read("open", CAMPAIGN, "1", urlsafe_b64encode(raw).decode()) is None


def test_a_change_of_any_character_is_refused() -> None:
    for position, char in enumerate(TOKEN):
        for other in "A9-_=/ é":
            if other != char:
                changed = TOKEN[:position] + other + TOKEN[position + 1 :]
                assert SIGNER.read("click", CAMPAIGN, "1", changed) is None, (position, other)


def test_a_change_of_any_bit_is_refused() -> None:
    raw = urlsafe_b64decode(TOKEN)
    assert len(raw) == 54
    for bit in range(len(raw) * 8):
        changed = (int.from_bytes(raw, "big") ^ 1 << bit).to_bytes(54, "big")
        assert SIGNER.read("click", CAMPAIGN, "1", urlsafe_b64encode(changed).decode()) is None, bit


@pytest.mark.parametrize(
    ("purpose", "campaign", "step"),
    [
        ("open", CAMPAIGN, "1"),
        ("unsubscribe", CAMPAIGN, "1"),
        ("click", CAMPAIGN[:-1] + "Y", "1"),
        ("click", CAMPAIGN.lower(), "1"),
        ("click", CAMPAIGN, "2"),
        ("click", CAMPAIGN + "1", ""),
        ("click", "\ud800", "1"),
        ("click", CAMPAIGN, "\ud800"),
        ("click", "", ""),
    ],
)
def test_a_token_opens_one_door_only(purpose: Purpose, campaign: str, step: str) -> None:
    assert SIGNER.read("click", CAMPAIGN, "1", TOKEN) == TICKET
    assert SIGNER.read(purpose, campaign, step, TOKEN) is None


def test_path_and_payload_cannot_be_shifted_into_each_other() -> None:
    assert SIGNER.read("open", "ab", "c", SIGNER.sign("open", "a", "bc", TICKET)) is None
    starts_with_key_id = TICKET._replace(org=str(ULID.from_bytes(b"\x01" * 16)))
    raw = urlsafe_b64decode(SIGNER.sign("open", "a", "x", starts_with_key_id))
    shifted = raw[1:-16] + b"x" + raw[-16:]
    assert SIGNER.read("open", "a\x01", "", urlsafe_b64encode(shifted).decode()) is None


def test_each_token_has_one_spelling() -> None:
    for link in range(40):
        ticket = TICKET._replace(link=link)
        token = SIGNER.sign("click", CAMPAIGN, "1", ticket)
        other = token.replace("-", "+").replace("_", "/")
        assert SIGNER.read("click", CAMPAIGN, "1", other) == (ticket if other == token else None)


def test_the_first_key_signs_and_the_others_stay_valid() -> None:
    rotated = Signer.of(f"2:{NEW},1:{OLD}")
    assert rotated.read("click", CAMPAIGN, "1", TOKEN) == TICKET
    fresh = rotated.sign("click", CAMPAIGN, "1", TICKET)
    assert urlsafe_b64decode(fresh)[0] == 2
    assert rotated.read("click", CAMPAIGN, "1", fresh) == TICKET
    assert SIGNER.read("click", CAMPAIGN, "1", fresh) is None, "a key that is not known"
    assert Signer.of(f"2:{NEW}").read("click", CAMPAIGN, "1", TOKEN) is None, "a key that was withdrawn"


def test_at_no_step_of_a_rotation_is_a_token_signed_that_a_function_one_step_behind_cannot_read() -> None:
    for before, after in pairwise([OLD, f"1:{OLD},2:{NEW}", f"2:{NEW},1:{OLD}"]):
        for signing, reading in ((before, after), (after, before)):
            token = Signer.of(signing).sign("click", CAMPAIGN, "1", TICKET)
            assert Signer.of(reading).read("click", CAMPAIGN, "1", token) == TICKET, (signing, reading)


def test_a_token_of_another_secret_under_the_same_key_id_is_refused() -> None:
    assert Signer.of(NEW).read("click", CAMPAIGN, "1", TOKEN) is None


def test_a_bare_secret_has_key_id_one() -> None:
    assert parse_keys(OLD) == parse_keys(f"1:{OLD}") == parse_keys(f" 1:{OLD}\n")
    assert list(parse_keys(f"{OLD},2:{NEW},7:{OLD}x")) == [1, 2, 7]
    assert list(parse_keys(f"7:{NEW},1:{OLD}")) == [7, 1]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("", 1),
        ("short", 1),
        (f"0:{OLD}", 1),
        (f"256:{OLD}", 1),
        (f"x:{OLD}", 1),
        (f"²:{OLD}", 1),
        (f":{OLD}", 1),
        (f"{OLD},{NEW}", 2),
        (f"{OLD},1:{NEW}", 2),
        (f"{OLD},2:", 2),
        (f"{OLD},", 2),
    ],
)
def test_malformed_keys_are_refused_naming_the_entry_and_never_the_secret(text: str, entry: int) -> None:
    with pytest.raises(ValueError, match=f"TRACKING_KEYS, entry {entry}: ") as refusal:
        parse_keys(text)
    assert OLD not in str(refusal.value)
    assert NEW not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [{"org": "acme"}, {"contact": "1"}, {"run": 65_536}, {"run": -1}, {"link": 65_536}, {"channel": "fax"}],
)
def test_a_ticket_that_does_not_fit_cannot_be_signed(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ULID|65535|not in"):
        SIGNER.sign("open", CAMPAIGN, "1", TICKET._replace(**change))
