"""The state of an authorization request: ours, unchanged, in time."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.oauth_state import OAuthState, challenge_of, new_verifier, read_state

KEY, NOW = b"a key of the tests alone", datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STATE = OAuthState(
    "01J00000000000000000000ACM", "u-owner", "x", "01J00000000000000000000AUT", int(NOW.timestamp()) + 600
)
SIGNED = STATE.signed(KEY)


def test_what_was_signed_is_read() -> None:
    assert read_state(SIGNED, KEY, NOW) == STATE


def test_it_is_url_safe() -> None:
    assert set(SIGNED) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_it_ends_after_its_time() -> None:
    assert read_state(SIGNED, KEY, NOW + timedelta(seconds=599)) == STATE
    assert read_state(SIGNED, KEY, NOW + timedelta(seconds=600)) is None


def test_another_key_did_not_sign_it() -> None:
    assert read_state(SIGNED, b"another key of the tests", NOW) is None


@pytest.mark.parametrize("field", ["org_id", "user_id", "platform", "authorization_id", "until"])
def test_no_part_can_be_changed(field: str) -> None:
    payload, _, mac = SIGNED.partition(".")
    told = json.loads(urlsafe_b64decode(payload + "=="))
    told[field] = told[field] + 1 if field == "until" else "01J00000000000000000000GBX"
    forged = urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    assert read_state(f"{forged}.{mac}", KEY, NOW) is None


@given(st.text(max_size=300) | st.builds(lambda cut: SIGNED[:cut], st.integers(0, len(SIGNED) - 1)))
def test_anything_else_is_nothing(text: str) -> None:
    assert read_state(text, KEY, NOW) is None


def test_one_text_alone_says_it() -> None:
    """Base64 decoders skip foreign characters and stray bits."""
    assert read_state(SIGNED + "=", KEY, NOW) is None
    assert read_state(SIGNED.replace(".", "*.", 1), KEY, NOW) is None


def test_a_verifier_is_what_rfc_7636_asks_for() -> None:
    verifier = new_verifier()
    assert 43 <= len(verifier) <= 128
    assert verifier != new_verifier()
    digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode()
    assert challenge_of(verifier) == digest.rstrip("=")


def test_the_example_of_rfc_7636() -> None:
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
