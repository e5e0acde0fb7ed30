"""Judging DKIM: the public keys that a domain's signatures are checked with (RFC 6376, RFC 8301, RFC 8463)."""

from base64 import b64decode

from clarion.domain.finding import DnsUnanswered, Finding, Status, quoted, unanswered
from clarion.domain.spf import Texts
from clarion.domain.tag_list import tags_of

RFC = "https://www.rfc-editor.org/rfc/rfc6376"
KEY_SIZES = "https://www.rfc-editor.org/rfc/rfc8301#section-3.2"
_ED25519 = "https://www.rfc-editor.org/rfc/rfc8463"


def judge_dkim(domain: str, selector: str, texts: Texts, hint: str) -> list[Finding]:
    """The key of ``selector``; ``hint`` says how to publish it where it is missing."""
    check, name = f"dkim.{selector}", f"{selector}._domainkey.{domain}"
    try:
        records = [text for text in texts(name) if _is_key(text)]
    except DnsUnanswered as error:
        return [unanswered(check, error, f"{RFC}#section-3.6.2")]
    if len(records) != 1:
        count = "no DKIM record" if not records else f"{len(records)} DKIM records"
        advice = hint if not records else "Keep one: with several, receivers may take either."
        return [_finding(check, "fail", f"{name} has {count}", advice, f"{RFC}#section-3.6.2.2")]
    tags = tags_of(records[0])
    findings = [_key(check, name, tags)]
    if "y" in tags.get("t", "").split(":"):
        advice = "Remove t=y once the signatures verify: receivers may treat messages as if they were not signed."
        findings.append(_finding(check, "warn", f"{name} says that it is being tested (t=y)", advice, RFC))
    hashes = tags.get("h")
    if hashes and "sha256" not in hashes.split(":"):
        advice = "Add sha256 to h=, or leave h= out."
        findings.append(_finding(check, "fail", f"{name} admits the hashes {quoted(hashes)} only", advice, KEY_SIZES))
    return findings


def _is_key(text: str) -> bool:
    tags = tags_of(text)
    return tags.get("v", "DKIM1") == "DKIM1" and "p" in tags


def _key(check: str, name: str, tags: dict[str, str]) -> Finding:
    if not tags["p"]:
        advice = "Publish the selector that is in use, or a new key: an empty p= revokes one."
        return _finding(check, "fail", f"the key at {name} is revoked", advice, f"{RFC}#section-3.6.1")
    kind = tags.get("k", "rsa")
    if kind == "ed25519":
        advice = "Sign with an RSA key of 2048 bits as well: many receivers do not know Ed25519."
        return _finding(check, "warn", f"{name} has an Ed25519 key", advice, _ED25519)
    bits = _rsa_bits(tags["p"]) if kind == "rsa" else None
    if bits is None:
        advice = "Publish the key once more, exactly as your vendor shows it."
        return _finding(check, "fail", f"the key at {name} cannot be read", advice, f"{RFC}#section-3.6.1")
    found = f"{name} has an RSA key of {bits} bits"
    if bits < 1024:
        return _finding(check, "fail", found, "Use 2048 bits: receivers ignore what is shorter than 1024.", KEY_SIZES)
    if bits < 2048:
        return _finding(check, "warn", found, "Change to a key of 2048 bits.", KEY_SIZES)
    return _finding(check, "pass", found, "", KEY_SIZES)


def _rsa_bits(encoded: str) -> int | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(b64decode("".join(encoded.split()), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None


def _finding(check: str, status: Status, found: str, advice: str, reference: str) -> Finding:
    return Finding(check=check, status=status, found=found, advice=advice, reference=reference)
