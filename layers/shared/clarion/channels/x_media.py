"""Pictures and films for posts on X: uploaded in segments, then prepared by X for a while.

https://docs.x.com/x-api/media/quickstart/media-upload-chunked
"""

import time
from base64 import b64encode
from collections.abc import Callable

from clarion.channels.steps import Failure
from clarion.channels.x_client import Json, XClient, data_of
from clarion.domain.outcomes import Rejected, Retry, Unknown
from clarion.domain.post import PostMedia

SEGMENT = 3 * 1024 * 1024
"""Octets of one segment: 4 MB in base64, of 5 MB that X takes."""

_POLLS = 5
_MAX_WAIT = 5.0
_LATER_SECONDS = 30.0


class XMedia:
    """``wait`` passes seconds between looks at what X prepares."""

    def __init__(self, client: XClient, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._client, self._wait = client, wait

    def upload(self, medium: PostMedia) -> str | Failure:
        """Its media id, good for a day; X may still be preparing it."""
        octets = medium.load()
        category = "tweet_gif" if medium.content_type == "image/gif" else f"tweet_{medium.kind}"
        opened = self._client.post_json("/2/media/upload/initialize", {
            "media_category": category, "media_type": medium.content_type, "total_bytes": len(octets),
        })  # fmt: skip
        if not isinstance(opened, dict):
            return opened
        name = data_of(opened).get("id")
        if not isinstance(name, str) or not name.isdigit():
            return Unknown("X answered without a media id")
        for segment, start in enumerate(range(0, len(octets), SEGMENT)):
            media = b64encode(octets[start : start + SEGMENT]).decode()
            appended = self._client.post_json(
                f"/2/media/upload/{name}/append", {"segment_index": segment, "media": media}
            )
            if not isinstance(appended, dict):
                return appended
        finished = self._client.post(f"/2/media/upload/{name}/finalize")
        return name if isinstance(finished, dict) else finished

    def prepared(self, name: str) -> Failure | None:
        """None when it can be posted; a `Retry` when it takes longer than a few looks."""
        for _ in range(_POLLS):
            found = self._client.get("/2/media/upload", {"media_id": name, "command": "STATUS"})
            if not isinstance(found, dict):
                return found
            told = data_of(found).get("processing_info")
            info: Json = told if isinstance(told, dict) else {}
            if info.get("state", "succeeded") == "succeeded":
                return None
            if info["state"] == "failed":
                return Rejected("MediaFailed", "X cannot use the media")
            asked = info.get("check_after_secs")
            self._wait(min(float(asked), _MAX_WAIT) if isinstance(asked, int) else 1.0)
        return Retry(_LATER_SECONDS, "X is still preparing the media")
