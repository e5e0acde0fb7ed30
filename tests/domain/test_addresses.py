"""Which addresses are taken, and which spellings are one address."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.addresses import ascii_domain_form, normalise_email, parse_email
from clarion.domain.mail import Mailbox
from tests.shared_data import shared

CORPUS = json.loads(shared("email_addresses/addresses_dev.json").read_text())


def rows(expected: str) -> list[dict[str, str]]:
    found = [row for row in CORPUS if row["expect"] == expected]
    assert found, f"the corpus has no {expected} rows"
    return found


@pytest.mark.parametrize("row", rows("accept"), ids=lambda row: ascii(row["address"])[:40])
def test_the_corpus_addresses_to_accept_are_accepted(row):
    parsed = parse_email(row["address"])
    assert parsed.address == row.get("normalized", parsed.address)
    assert Mailbox(parsed.address)  # and it can be written to
    assert ascii_domain_form(parsed.address).rpartition("@")[2].isascii()


@pytest.mark.parametrize("row", rows("reject"), ids=lambda row: ascii(row["address"])[:40])
def test_the_corpus_addresses_to_reject_are_rejected_with_a_reason(row):
    with pytest.raises(ValueError, match=r"^\S.+"):
        parse_email(row["address"])


@pytest.mark.parametrize("row", rows("policy"), ids=lambda row: ascii(row["address"])[:40])
def test_what_rfc_5322_allows_and_nobody_uses_is_rejected(row):
    if row["address"].strip(" \t") in ("test@iana.org",):
        assert normalise_email(row["address"]) == "test@iana.org"
        return
    with pytest.raises(ValueError, match=r"^\S.+"):
        parse_email(row["address"])


@pytest.mark.parametrize("address", ["a\x00@example.com", "a@example.com\r\n", "\ra@example.com", "a@exam\nple.com"])
def test_control_characters_are_never_part_of_an_address(address):
    with pytest.raises(ValueError, match=r"^\S.+"):
        parse_email(address)


def test_case_and_composition_and_punycode_do_not_make_a_second_address():
    keys = {
        normalise_email(spelling)
        for spelling in ("Zoë@Bücher.Example", "zoe\u0308@bu\u0308cher.example", " ZOË@xn--bcher-kva.example\t")
    }
    assert keys == {"zoë@xn--bcher-kva.example"}


def test_the_address_to_send_to_keeps_the_case_of_the_local_part():
    parsed = parse_email("Zoë.Smith@BÜCHER.example")
    assert parsed.address == "Zoë.Smith@bücher.example"


def test_plus_tags_and_dots_stay_part_of_the_address():
    assert len({normalise_email(text) for text in ("a.b@example.com", "ab@example.com", "ab+x@example.com")}) == 3


@settings(deadline=None)  # a busy machine is no defect
@given(local=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_the_key_of_a_key_is_itself(local):
    try:
        key = normalise_email(f"{local}@example.com")
    except ValueError:
        return
    assert normalise_email(key) == key


def test_only_the_domain_is_written_in_ascii():
    assert ascii_domain_form("zoë@bücher.example") == "zoë@xn--bcher-kva.example"
    assert ascii_domain_form("a@example.com") == "a@example.com"
    assert ascii_domain_form("zoë@example.com") == "zoë@example.com"
    with pytest.raises(ValueError, match="cannot be written in ASCII"):
        ascii_domain_form("a@☃.-ü")
