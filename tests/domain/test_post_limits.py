"""What a network refuses of a post for certain."""

import pytest

from clarion.channels import facebook_page, instagram, linkedin, x
from clarion.domain.outlet import ProfileRef
from clarion.domain.post_limits import LIMITS, post_fault
from clarion.domain.social_post import Medium, SocialPost


def post(text: str = "Hi", pictures: int = 0, films: int = 0) -> SocialPost:
    media = [Medium(url="https://media.shop.example/a.png", content_type="image/png")] * pictures
    media += [Medium(url="https://media.shop.example/a.mp4", content_type="video/mp4")] * films
    profiles = (ProfileRef(platform="x", profile="1"),)
    return SocialPost(profiles=profiles, text=text, media=tuple(media))


@pytest.mark.parametrize(
    ("platform", "taken"),
    [
        ("facebook", post("t" * 10_000, pictures=10)),
        ("facebook", post(films=1)),
        ("instagram", post("t" * 2_200, pictures=9, films=1)),
        ("linkedin", post("t" * 3_000, pictures=20)),
        ("x", post("t" * 9_000, pictures=4)),
        ("x", post(films=1)),
        ("console", post(films=9, pictures=9)),
    ],
)
def test_what_a_network_takes_has_no_fault(platform: str, taken: SocialPost) -> None:
    assert post_fault(taken, platform) is None


@pytest.mark.parametrize(
    ("platform", "refused", "fault"),
    [
        ("facebook", post(films=2), ("media", "a post on Facebook has at most 10 pictures, or one film")),
        ("facebook", post(pictures=1, films=1), ("media", "a post on Facebook has at most 10 pictures, or one film")),
        ("instagram", post(), ("media", "a post on Instagram needs a picture or a film")),
        (
            "instagram",
            post(pictures=6, films=5),
            ("media", "a post on Instagram has at most 10 pictures and films together"),
        ),
        ("instagram", post("t" * 2_201, pictures=1), ("text", "a post on Instagram has at most 2,200 characters")),
        ("linkedin", post(films=1), ("media", "a post on LinkedIn has at most 20 pictures, and no film")),
        ("linkedin", post("t" * 3_001), ("text", "a post on LinkedIn has at most 3,000 characters")),
        ("x", post(pictures=5), ("media", "a post on X has at most 4 pictures, or one film")),
    ],
)
def test_what_a_network_refuses_is_told_by_field(platform: str, refused: SocialPost, fault: tuple[str, str]) -> None:
    assert post_fault(refused, platform) == fault


def test_the_limits_are_those_that_the_adapters_hold_to() -> None:
    assert LIMITS["facebook"].pictures == facebook_page.MAX_IMAGES
    assert (LIMITS["instagram"].text, LIMITS["instagram"].pictures) == (instagram.MAX_TEXT, instagram.MAX_MEDIA)
    assert LIMITS["linkedin"].text == linkedin.MAX_TEXT
    assert LIMITS["x"].pictures == x.MAX_IMAGES
