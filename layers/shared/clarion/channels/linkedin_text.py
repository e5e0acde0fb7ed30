"""LinkedIn's "little text" format, in which a post's commentary is written.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

import re

_RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_ESCAPED = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


def escape(text: str) -> str:
    """``text`` to be shown as it is: an unescaped reserved character would cut the post short there."""
    return _RESERVED.sub(r"\\\g<0>", text)


def unescape(commentary: str) -> str:
    """What readers see of a commentary without mentions."""
    return _ESCAPED.sub(r"\1", commentary)
