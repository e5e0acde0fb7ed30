"""Judging DKIM keys."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clarion.domain.dkim import judge_dkim
from tests.fakes.dns import DnsInMemory

NAME = "s1._domainkey.example.com"


def rsa_key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return b64encode(key.public_bytes(Encoding.DER, form)).decode()


STRONG = rsa_key(2048)


def judged(*records: str) -> list[tuple[str, str]]:
    """(status, found) of each finding."""
    dns = DnsInMemory({NAME: records})
    findings = judge_dkim("example.com", "s1", dns.texts, "Publish it.")
    assert all(finding.check == "dkim.s1" for finding in findings)
    assert all(finding.advice for finding in findings if finding.status != "pass")
    return [(finding.status, finding.found) for finding in findings]


@pytest.mark.parametrize(
    "record", [f"v=DKIM1; k=rsa; p={STRONG}", f"p={STRONG[:64]} {STRONG[64:]}", f"v=DKIM1;p={STRONG};"]
)
def test_a_key_of_2048_bits_passes(record: str) -> None:
    assert judged(record) == [("pass", f"{NAME} has an RSA key of 2048 bits")]


def test_a_key_without_its_envelope_is_read_too() -> None:
    assert judged(f"p={rsa_key(2048, PublicFormat.PKCS1)}")[0][0] == "pass"


def test_a_key_of_1024_bits_is_a_warning() -> None:
    assert judged(f"v=DKIM1; p={rsa_key(1024)}") == [("warn", f"{NAME} has an RSA key of 1024 bits")]


def test_a_key_that_receivers_ignore_fails() -> None:
    # Of 512 bits; libraries no longer make them.
    short = (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJ0GFXVnSV0JzyHcDJ+qxEFSZX4ZgVba"
        "BcdPTOGpUZNQ5pWXqRvYTKTBVVJHVfJm3FvBIXJYbZ6gxHqJ7mOE4y0CAwEAAQ=="
    )
    assert judged(f"v=DKIM1; p={short}") == [("fail", f"{NAME} has an RSA key of 512 bits")]


def test_an_ed25519_key_is_a_warning_since_few_know_it() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert judged(f"v=DKIM1; k=ed25519; p={b64encode(key).decode()}")[0][0] == "warn"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("v=DKIM1; p=", "is revoked"),
        ("v=DKIM1; p=@@@", "cannot be read"),
        ("v=DKIM1; p=AAAA", "cannot be read"),
        ("v=DKIM1; k=dsa; p=AAAA", "cannot be read"),
        ("v=DKIM2; p=AAAA", "no DKIM record"),
        ("v=spf1 -all", "no DKIM record"),
    ],
)
def test_what_no_signature_can_be_checked_with_fails(record: str, told: str) -> None:
    ((status, found),) = judged(record)
    assert (status, told in found) == ("fail", True)


def test_a_key_of_another_kind_than_it_says_cannot_be_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    encoded = b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    assert "cannot be read" in judged(f"p={encoded}")[0][1]


def test_testing_and_old_hashes_are_told() -> None:
    found = judged(f"v=DKIM1; h=sha1; t=y:s; p={STRONG}")
    assert [status for status, _ in found] == ["pass", "warn", "fail"]


def test_two_keys_of_one_selector_fail() -> None:
    assert judged(f"p={STRONG}", f"p={STRONG}") == [("fail", f"{NAME} has 2 DKIM records")]


def test_silence_of_dns_is_reported_as_that() -> None:
    (found,) = judge_dkim("example.com", "s1", DnsInMemory(silent=[NAME]).texts, "")
    assert (found.check, found.status) == ("dkim.s1", "warn")
