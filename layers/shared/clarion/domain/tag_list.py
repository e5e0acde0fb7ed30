"""Lists of ``tag=value`` pairs, as DKIM and DMARC records are (RFC 6376 §3.2)."""


def tags_of(record: str) -> dict[str, str]:
    """Values by tag, blanks around both left out; parts without ``=`` say nothing, the first of equal tags counts."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        tag, equals, value = part.partition("=")
        if equals:
            tags.setdefault(tag.strip(), value.strip())
    return tags
