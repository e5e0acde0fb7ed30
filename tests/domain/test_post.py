"""What a post may hold, and how it is told from others on its profile."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clarion.domain.outcomes import Accepted
from clarion.domain.post import Absent, PostMedia, Published, first_shown
from tests.channels.posts import LINK, MADE_AT, a_film, a_post, an_image


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"id": ""}, "not a id"), ({"profile_id": "a/b"}, "not a profile id"), ({"profile_id": "../x"}, "not a profile id"),
    ({"made_at": datetime(2026, 11, 21)}, "no time zone"),  # noqa: DTZ001  # that is the fault
    ({"text": "a\0b"}, "control character"), ({"text": "\ud83d"}, "half a character"),
    ({"link_title": "a\x1bb"}, "the title of the link"),
    ({"link": "javascript:alert(1)"}, "web address"), ({"link": "https://bücher.example"}, "web address"),
    ({"link": "https:///x"}, "web address"), ({"text": " ", "link": None}, "the post is empty"),
    ({"media": (an_image(),) * 21}, "at most 20 media"),
])  # fmt: skip
def test_what_cannot_be_published_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        a_post(**changes)


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"content_type": "text/html"}, "neither an image nor a video"), ({"url": "file:///etc/passwd"}, "web address"),
    ({"alt_text": "\x07"}, "control character"),
])  # fmt: skip
def test_a_medium_is_a_picture_or_a_film_with_an_address(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        an_image(**changes)


def test_media_are_pictures_and_films():
    post = a_post(media=(an_image(), a_film(), an_image()))
    assert [medium.kind for medium in post.media] == ["image", "video", "image"]
    assert (len(post.images), len(post.videos)) == (2, 1)
    assert "load" not in repr(PostMedia(content_type="image/png", url="https://a.example/b", load=bytes))


@pytest.mark.parametrize(("changes", "text"), [
    ({"text": "Hello\n"}, f"Hello\n\n{LINK}"), ({"text": f"See {LINK} now"}, f"See {LINK} now"), ({"text": ""}, LINK),
    ({"text": "Hello", "link": None}, "Hello"),
])  # fmt: skip
def test_the_link_is_the_last_paragraph_unless_it_is_in_the_text(changes, text):
    assert a_post(**changes).text_with_link() == text


def published(**changes: Any) -> Published:
    fields: dict[str, Any] = {"vendor_id": "v", "at": MADE_AT, "text": "", "links": (LINK,)}
    return Published(**fields | changes)


def test_a_post_is_not_found_in_what_was_published_before_it_was_made():
    early, skewed = (published(at=MADE_AT - timedelta(seconds=seconds)) for seconds in (121, 119))
    assert first_shown(a_post(), [early]) == Absent()
    assert first_shown(a_post(), [early, skewed]) == Accepted("v")


def test_neither_another_link_nor_no_words_make_a_post_the_same():
    assert not published(text=a_post().text, links=("https://other.example",)).shows(a_post())
    assert not published(text="", links=()).shows(a_post(text="", link=None, media=(an_image(),)))
