"""How far audiences have been uploaded.

pk ``ORG#<org>#CAMPAIGN#<campaign>#RUN#<run>``  sk ``UPLOAD#<step>#<outlet>``
"""

from clarion import keys
from clarion.domain.audience_progress import AudienceProgress
from clarion.domain.engagement import MessageRef
from clarion.storage.table import ConditionFailed, Table


class AudienceProgressTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, message: MessageRef) -> AudienceProgress:
        """Where nothing was uploaded, the beginning."""
        row = self._table.get(_key(message)) or {}
        return AudienceProgress(
            message=message,
            shard=int(row.get("shard", 0)),
            after=row.get("after"),
            upload=row.get("upload", ""),
            added=int(row.get("added", 0)),
            audience_id=row.get("audience_id", ""),
            version=int(row.get("version", 0)),
        )

    def save(self, seen: AudienceProgress, moved: AudienceProgress) -> AudienceProgress:
        """What is kept now: ``moved``, unless somebody has moved what was ``seen`` meanwhile."""
        attributes = {
            "shard": moved.shard,
            "after": moved.after,
            "upload": moved.upload,
            "added": moved.added,
            "audience_id": moved.audience_id,
            "version": moved.version,
        }
        try:
            self._table.update(
                _key(moved.message),
                set={name: value for name, value in attributes.items() if value is not None},
                remove=[name for name, value in attributes.items() if value is None],
                condition="version = :seen" if seen.version else "attribute_not_exists(pk)",
                values={":seen": seen.version} if seen.version else None,
            )
        except ConditionFailed:
            return self.get(moved.message)
        return moved


def _key(message: MessageRef) -> keys.Key:
    return keys.audience_upload(message.org, message.campaign, message.run, message.step, message.contact)
