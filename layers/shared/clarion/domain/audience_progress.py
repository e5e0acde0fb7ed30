"""How far an audience has been uploaded to one ad account."""

from dataclasses import dataclass, replace
from typing import Self

from clarion.domain.engagement import MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceProgress:
    """The shards of contacts are walked one after the other: all before ``shard`` are through, that one up to the
    contact ``after``. ``upload`` is the vendor's name of what was begun, ``added`` how many people were added to it,
    ``audience_id`` the vendor's audience once everybody was. ``version`` rises with every write.
    """

    message: MessageRef
    shard: int = 0
    after: str | None = None
    upload: str = ""
    added: int = 0
    audience_id: str = ""
    version: int = 0

    def begun(self, upload: str) -> Self:
        """The vendor has a place for them."""
        return replace(self, upload=upload, version=self.version + 1)

    def moved(self, shard: int, after: str | None, added: int) -> Self:
        """``added`` people more, which were all there were up to there."""
        return replace(self, shard=shard, after=after, added=self.added + added, version=self.version + 1)

    def finished(self, audience_id: str) -> Self:
        """Everybody is in it."""
        return replace(self, audience_id=audience_id, version=self.version + 1)
