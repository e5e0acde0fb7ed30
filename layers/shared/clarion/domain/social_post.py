"""What a campaign posts to social profiles."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from clarion.domain.model import Model
from clarion.domain.outlet import ProfileRef
from clarion.domain.post import MAX_MEDIA
from clarion.domain.web_address import WebAddress, https_address

MOST_PROFILES = 40  # a message for each is claimed in one batch at the most


class Medium(Model):
    """A picture or film that vendors fetch, or are given, from a public https address."""

    url: Annotated[WebAddress, AfterValidator(https_address)]
    content_type: Annotated[str, StringConstraints(pattern=r"^(image|video)/[a-z0-9.+-]{1,40}$")]
    alt_text: Annotated[str, StringConstraints(max_length=1_000)] = ""


class SocialPost(Model):
    """One post for each of the ``profiles``. Where there is no ``text``, the template's ``socialText`` is posted.

    ``link`` is tracked: what a profile shows is our link, which leads there.
    """

    profiles: tuple[ProfileRef, ...] = Field(default=(), max_length=MOST_PROFILES)
    text: Annotated[str, StringConstraints(max_length=10_000)] = ""
    link: WebAddress | None = None
    link_title: Annotated[str, StringConstraints(max_length=200)] = ""
    media: tuple[Medium, ...] = Field(default=(), max_length=MAX_MEDIA)
