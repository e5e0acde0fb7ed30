"""Domain names of the public DNS (RFC 1035, RFC 5890), and the organisational domain of each (RFC 7489 §3.2).

The public suffix list is that of the publicsuffixlist package: no network is asked, and a name below a suffix that it
does not know (``host.local``, ``db.internal``, an IP address) is none of the public DNS. Loaded on first use.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST = 253
_SPECIAL = ("arpa", "onion")  # in the list, and not the public DNS (RFC 6761, RFC 7686, RFC 8375)


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def public_name(text: str) -> str:
    """The ASCII form, in lower case, of a name that may be looked up, underscores included (``_spf.example.com``).

    ValueError in plain words for anything else.
    """
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError("not a domain name") from None
    labels = name.split(".")
    if len(name) > _LONGEST or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("not a domain name, such as example.com")
    if labels[-1] in _SPECIAL or _suffixes().publicsuffix(name) is None:
        raise ValueError("not a domain of the public DNS")
    return name


def registered_domain(text: str) -> str:
    """As `public_name`, of a domain somebody can own and send from: no underscores, no public suffix."""
    name = public_name(text)
    if "_" in name:
        raise ValueError("not a domain name, such as example.com")
    if _suffixes().privatesuffix(name) is None:
        raise ValueError(f"{name!r} is a public suffix: nobody sends from it")
    return name


def organisational_domain(name: str) -> str:
    """``example.co.uk`` for ``mail.example.co.uk``; the name itself where it is a public suffix."""
    return _suffixes().privatesuffix(name) or name
