"""Posts on social profiles: how they are composed and published, and what is known of them afterwards."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.integrations import platform_use, post_channel_for

if TYPE_CHECKING:
    from clarion.channels.media_loader import MediaLoader
    from clarion.content.compose_post import PostComposer
    from clarion.domain.outcomes import Outcome
    from clarion.domain.post import PostChannel
    from clarion.domain.run import BatchId, Run
    from clarion.services.post_delivery import PostDelivery
    from clarion.storage.publications import PublicationTable


@cache
def publications() -> "PublicationTable":
    from clarion.storage.publications import PublicationTable

    return PublicationTable(table())


@cache
def media_loader() -> "MediaLoader":
    from clarion.channels.media_loader import MediaLoader

    return MediaLoader()


def post_channel(org_id: str, platform: str, profile: str) -> "PostChannel":
    """What posts of an organisation's profile leave by, and are found and read by; raises as `post_channel_for`."""
    from clarion.storage.publications import DraftTable

    return post_channel_for(org_id, platform, profile, DraftTable(table(), org_id, now))


def note_use(org_id: str, platform: str, outcome: "Outcome") -> None:
    """Note how an organisation's platform fares; the development's own is nobody's."""
    from clarion.domain.development import PLATFORM

    if platform != PLATFORM:
        platform_use().note(org_id, platform, [outcome])


def post_delivery(org_id: str) -> "PostDelivery":
    """What an organisation's posts leave by; each profile's platform is looked up when its turn comes."""
    from clarion.services.post_delivery import PostDelivery

    return PostDelivery(
        lambda platform, profile: post_channel(org_id, platform, profile),
        publications(),
        lambda platform, outcome: note_use(org_id, platform, outcome),
        now,
    )


def post_composer(run: "Run", batch_id: "BatchId", variant: str) -> "PostComposer":
    """Composes the posts of one step of a run."""
    from clarion.content.compose_post import PostComposer
    from clarion.domain.social_post import SocialPost
    from clarion.wiring.delivery import runs, tracking_urls

    step, digest = run.step(batch_id).id, run.content_of(batch_id, variant).digest
    content = SocialPost.model_validate_json(runs().content(run.id, digest))
    return PostComposer(run, step, content, tracking_urls(run, step), media_loader().load, now)
