"""Twilio's signature: its SDK's own vectors, and the same verdict as its SDK on whatever else."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types
from werkzeug.datastructures import MultiDict

from clarion.channels.twilio_signature import MOST_FIELDS, is_twilios
from tests.shared_data import shared_root

URL = "https://hooks.acme.example/webhooks/twilio?org=acme&run=1"


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_root(f"webhooks/twilio_{name}.json").read_text())
    return found


VECTORS = sample("signature_vectors")
TOKEN = VECTORS["auth_token"]


@pytest.mark.parametrize("vector", VECTORS["form"], ids=lambda vector: vector["url"])
def test_the_sdks_vectors_hold_and_nothing_beside_them(vector):
    body = urlencode(vector["params"], doseq=True).encode()
    signature = vector["signature"]
    assert is_twilios([TOKEN], vector["url"], body, signature)
    assert is_twilios(["an older one", TOKEN], vector["url"], body, signature)
    assert not is_twilios(["another"], vector["url"], body, signature)
    assert not is_twilios([], vector["url"], body, signature)
    assert not is_twilios([TOKEN], vector["url"], body + b"&Added=1", signature)
    assert not is_twilios([TOKEN], vector["url"].replace("foo=1", "foo=2"), body, signature)
    assert not is_twilios([TOKEN], vector["url"], body, signature[:-2] + "x=")


@pytest.mark.parametrize("vector", VECTORS["json"])
def test_a_body_of_json_is_vouched_for_by_the_query(vector):
    body = vector["raw_body"].encode()
    assert is_twilios([TOKEN], vector["url"], body, vector["signature"])
    assert not is_twilios([TOKEN], vector["url"], body + b" ", vector["signature"])


def test_more_fields_than_twilio_sends_are_not_read():
    for fields, read in ((MOST_FIELDS, True), (MOST_FIELDS + 1, False)):
        form = {f"n{number}": "1" for number in range(fields)}
        signature = RequestValidator(TOKEN).compute_signature(URL, form)
        assert is_twilios([TOKEN], URL, urlencode(form).encode(), signature) == read


@pytest.mark.parametrize("status", ["delivered", "failed", "queued", "sent", "undelivered"])
def test_status_callbacks_are_signed_with_our_ids_in_their_url(status):
    callback = sample(f"status_{status}")
    body = urlencode(callback["payload"]).encode()
    given_ = callback["x_twilio_signature"]
    assert is_twilios([callback["auth_token"]], callback["url"], body, given_)
    assert not is_twilios([callback["auth_token"]], callback["url"] + "2", body, given_)


@pytest.mark.parametrize(("called", "signed"), [
    (URL, URL.replace(".example/", ".example:443/")),
    (URL.replace(".example/", ".example:443/"), URL),
    (URL.replace("https", "http"), URL.replace("https", "http").replace(".example/", ".example:80/")),
    ("https://[::1]/t", "https://[::1]:443/t"),
])  # fmt: skip
def test_the_port_may_be_named_or_not(called, signed):
    signature = RequestValidator(TOKEN).compute_signature(signed, {"A": "1"})
    assert is_twilios([TOKEN], called, b"A=1", signature)


def test_a_shared_key_may_sign_by_sha_256():
    signature = RequestValidator(TOKEN).compute_signature(URL, {"A": "1"}, "HMAC_SHA256")
    settings = "key=webhooks_sharedkey_1, algorithm=HMAC_SHA256"
    assert is_twilios([TOKEN], URL, b"A=1", signature, settings)
    assert not is_twilios([TOKEN], URL, b"A=1", signature)
    assert not is_twilios([TOKEN], URL, b"A=2", signature, settings)
    assert not is_twilios([TOKEN], URL, b"A=1", signature, "algorithm=NONE")


@pytest.mark.parametrize("signature", ["", "é", "\ud800", "A" * 1_000])
def test_nonsense_is_no_signature(signature):
    assert not is_twilios([TOKEN], URL, b"A=1", signature)


names = st.text(min_size=1, max_size=8)
values = st.lists(st.text(max_size=12), min_size=1, max_size=3)


@given(st.dictionaries(names, values, max_size=6), st.sampled_from([URL, URL.replace(".example", ".example:8443")]))
def test_the_sdk_signs_every_form_as_we_do(params, url):
    signature = RequestValidator(TOKEN).compute_signature(url, MultiDict(params))
    assert is_twilios([TOKEN], url, urlencode(params, doseq=True).encode(), signature)
