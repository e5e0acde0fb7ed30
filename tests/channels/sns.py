"""Amazon SNS in tests: a signing certificate of its own, made anew for each run, and messages signed under it."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from clarion.clock import stamp

TOPIC = "arn:aws:sns:eu-west-1:123456789012:clarion-events"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-12345abcde.pem"
CONFIRM_URL = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"
# As the documentation of SNS spells them out.
_SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    "UnsubscribeConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}


@cache
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


def certificate(now: datetime, key: Any = None, days: int = 30) -> bytes:
    """PEM text of a certificate that began an hour ago."""
    key = key or signing_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    start = now - timedelta(hours=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    return made.sign(signing_key(), SHA256()).public_bytes(Encoding.PEM)


def envelope(message: Any, at: datetime, **changes: Any) -> dict[str, Any]:
    """A notification, not signed yet; ``message`` is sent as JSON unless it is text."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": stamp(at),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn",
        **changes,
    }


def confirmation(at: datetime, kind: str = "SubscriptionConfirmation", **changes: Any) -> dict[str, Any]:
    said = {"Type": kind, "Token": "2336412f37", "SubscribeURL": CONFIRM_URL}
    return envelope("You have chosen to subscribe to the topic.", at, **{**said, **changes})


def signed(fields: Mapping[str, Any]) -> bytes:
    """The body of the request by which SNS delivers these fields."""
    names = _SIGNED.get(fields["Type"], _SIGNED["Notification"])
    text = "".join(f"{name}\n{fields[name]}\n" for name in names if fields.get(name) is not None)
    digest = SHA1() if fields["SignatureVersion"] == "1" else SHA256()  # noqa: S303 - version 1 is SHA-1
    signature = signing_key().sign(text.encode("utf-8", "surrogatepass"), PKCS1v15(), digest)
    return json.dumps({**fields, "Signature": b64encode(signature).decode()}).encode()
