"""The text of a post: a template without a reader, the same for everybody."""

from clarion.content.render import environment, rendered_part
from clarion.content.sandbox import compiled, undeclared
from clarion.content.text import refuse_unsafe
from clarion.domain.errors import Invalid
from clarion.domain.rendering import RenderFailed
from clarion.domain.template import LONGEST_SOCIAL_TEXT

PART = "socialText"

_LONGEST_RENDERED = 4 * LONGEST_SOCIAL_TEXT  # octets: no character has more than four


def post_text(source: str) -> str:
    """The text as it is posted, its links as they are written. Raises ``Invalid`` naming ``socialText``.

    Names of contacts, and any other that the source does not set itself, are refused: nobody in particular reads it.
    """
    mails = environment(html=False)
    template = compiled(mails, source, PART)
    if unknown := sorted(undeclared(mails, source, PART)):
        raise Invalid([{"field": PART, "message": f"{name} is not known: a post has no contact"} for name in unknown])
    refuse_unsafe(source, PART)
    try:
        text = rendered_part(template, PART, dict(mails.globals), _LONGEST_RENDERED).strip()
    except RenderFailed as failed:
        where = f"line {failed.line}: {failed.reason}" if failed.line else failed.reason
        raise Invalid([{"field": PART, "message": where}]) from None
    if not text:
        raise Invalid([{"field": PART, "message": "the text is empty"}])
    if len(text) > LONGEST_SOCIAL_TEXT:
        raise Invalid([{"field": PART, "message": f"{len(text)} characters, at most {LONGEST_SOCIAL_TEXT}"}])
    return text
