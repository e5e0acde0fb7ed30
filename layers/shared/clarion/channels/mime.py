"""A `Mail` as RFC 5322 bytes: multipart/alternative, text first, every line within the limits.

Header lines are written here and not by ``email.message``: its folding turns a long List-Unsubscribe into RFC 2047
encoded words, which ends one-click unsubscribe, and a wider fold makes encoded words longer than RFC 2047's 75.
"""

from base64 import b64encode, encodebytes
from binascii import b2a_qp
from datetime import datetime
from email.utils import format_datetime

from clarion.domain.addresses import ascii_domain_form
from clarion.domain.mail import Mail, Mailbox

_CRLF = "\r\n"
_BOUNDARY = "=_clarion_alternative"  # "=_" never occurs in quoted-printable or base64 (RFC 2045, 6.7)
_WORD_OCTETS = 45  # 60 characters of base64 and 12 of frame: below RFC 2047's 75


def build(mail: Mail, date: datetime) -> bytes:
    """The message to transmit, CRLF throughout. ``date`` is aware.

    Line ends in the bodies become CRLF; all else arrives exactly. Pure ASCII, unless a local part is not: then the
    address headers are UTF-8 and the message needs SMTPUTF8 (see `needs_smtputf8`).
    ValueError when a domain has no ASCII form.
    """
    lines = [
        f"Date: {format_datetime(date)}",
        f"From: {mailbox_header(mail.sender, fold=True)}",
        f"To: {ascii_domain_form(mail.to)}",
    ]
    if mail.reply_to:
        lines.append(f"Reply-To: {ascii_domain_form(mail.reply_to)}")
    lines += [f"Subject: {_text_header(mail.subject)}", f"Message-ID: {mail.message_id}"]
    lines += [f"{name}: {value}" for name, value in mail.bulk_headers()]
    lines += [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
        "",
        *_part("plain", mail.text),
        *_part("html", mail.html),
        f"--{_BOUNDARY}--",
        "",
    ]
    return _CRLF.join(lines).encode()


def needs_smtputf8(mail: Mail) -> bool:
    """Whether an address of the message has a local part beyond ASCII (RFC 6531)."""
    addresses = (mail.sender.address, mail.to, mail.reply_to or "")
    return not all(address.rpartition("@")[0].isascii() for address in addresses)


def mailbox_header(mailbox: Mailbox, *, fold: bool = False) -> str:
    """``"Acme, Inc." <news@acme.example>``; a name beyond ASCII in encoded words, one a line if ``fold``."""
    address = ascii_domain_form(mailbox.address)
    name = mailbox.name
    if not name:
        return address
    if _plain(name):
        escaped = name.replace("\\", r"\\").replace('"', r"\"")
        return f'"{escaped}" <{address}>'
    separator = _CRLF + " " if fold else " "
    return separator.join([*_encoded_words(name), f"<{address}>"])


def _text_header(text: str) -> str:
    """Unstructured text: as it is while it survives one line of 998, else in encoded words, one a line."""
    if _plain(text) and text == text.strip() and len(text) <= 900:
        return text
    return (_CRLF + " ").join(_encoded_words(text))


def _plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _encoded_words(text: str) -> list[str]:
    """RFC 2047 words of whole characters; a reader drops the white space between them."""
    words, chunk = [], b""
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > _WORD_OCTETS:
            words.append(chunk)
            chunk = b""
        chunk += octets
    return [f"=?utf-8?B?{b64encode(word).decode()}?=" for word in [*words, chunk]]


def _part(subtype: str, text: str) -> list[str]:
    """Quoted-printable where most of it stays legible, base64 where that is shorter."""
    data = text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    beyond_ascii = len(data) - len(data.decode().encode("ascii", "ignore"))
    if beyond_ascii * 6 > len(data):
        encoding, body = "base64", encodebytes(data.replace(b"\n", b"\r\n"))
    else:
        encoding, body = "quoted-printable", b2a_qp(data, istext=True)
    return [
        f"--{_BOUNDARY}",
        f"Content-Type: text/{subtype}; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
        "",
        body.decode("ascii").replace("\n", _CRLF),
    ]
