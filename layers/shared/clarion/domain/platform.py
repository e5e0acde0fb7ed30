"""What a platform is: a vendor that an organisation can connect, and what it asks for.

Every platform is connected by credentials of the organisation's own account. Where `Platform.oauth` is set, they are
those of the organisation's own app at the vendor, and a member's consent there comes on top.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clarion.domain.errors import Invalid

PlatformId = Literal[
    "ses", "smtp", "sendgrid", "mailgun", "aws-sms", "twilio",
    "facebook", "instagram", "linkedin", "x", "meta-ads", "google-ads",
]  # fmt: skip
PlatformChannel = Literal["email", "sms", "social", "ads"]
MAX_CREDENTIAL = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One thing to fill in. A secret one is never shown again; ``pattern`` is for the whole value."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    hint: str = ""
    pattern: str = r"[ -~]+"
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """The vendor's authorization code flow (RFC 6749 §4.1). ``pkce`` is False where the vendor refuses it (RFC 7636);
    ``basic`` says that the token endpoint wants the app's credentials as Basic authentication. ``token_host`` is
    the https origin, ``token_path`` what follows it."""

    authorize_url: str
    token_host: str
    token_path: str
    scopes: tuple[str, ...]
    scope_separator: str = " "
    pkce: bool = True
    basic: bool = False
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """``api`` is the origin its API is called at, where all its accounts share one; ``limits`` are sentences.

    ``webhook`` is what the address is called that it reports to, empty where it does not.
    """

    id: PlatformId
    channel: PlatformChannel
    title: str
    fields: tuple[CredentialField, ...]
    limits: tuple[str, ...]
    api: str = ""
    oauth: OAuth | None = None
    webhook: str = ""

    @property
    def public_fields(self) -> frozenset[str]:
        """Names of the fields that may be shown."""
        return frozenset(field.name for field in self.fields if not field.secret)

    def credentials(self, given: Mapping[str, str]) -> dict[str, str]:
        """``given`` trimmed and completed by defaults; Invalid names each field at fault and repeats no value."""
        known = {field.name: field for field in self.fields}
        faults = [(name, "no such field") for name in given if name not in known]
        found: dict[str, str] = {}
        for name, field in known.items():
            value = given.get(name, "").strip() or field.default
            if not value and field.required:
                faults.append((name, "required"))
            elif len(value) > MAX_CREDENTIAL or (value and not re.fullmatch(field.pattern, value)):
                faults.append((name, f"is not {field.hint}" if field.hint else "holds characters that it cannot have"))
            elif value:
                found[name] = value
        if faults:
            raise Invalid([{"field": f"body.credentials.{name}", "message": why} for name, why in faults])
        return found
