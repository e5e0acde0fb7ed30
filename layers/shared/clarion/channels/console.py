"""Channels that reach nobody, for development: every message is a line of JSON on standard output, and where there is
an inbox, it is handed to that, too. The lines hold numbers and texts in full.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote, urlsplit

from clarion.channels.http import HttpClient
from clarion.channels.null_ads import audience_number
from clarion.channels.parallel import each_at_once
from clarion.domain.ad import AdCampaign, AdResults
from clarion.domain.ad_audience import AudienceMember, UploadedAudience
from clarion.domain.ids import derived_id
from clarion.domain.outcomes import Accepted, Outcome, Retry, Unknown
from clarion.domain.post import Absent, Post, PostMetrics
from clarion.domain.segments import segments_of
from clarion.domain.text_message import TextMessage

AT_ONCE = 10

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Console:
    """``inbox_url`` is where each message is posted as JSON; empty for nowhere. ValueError unless it is on loopback."""

    def __init__(self, inbox_url: str = "", *, read_seconds: float = 10) -> None:
        parts = urlsplit(inbox_url)
        self._path = parts.path.rstrip("/")
        self._inbox: HttpClient | None = None
        if inbox_url:
            if parts.hostname not in _LOOPBACK:
                raise ValueError("the console's inbox is on this machine: its URL names a loopback address")
            origin = f"{parts.scheme}://{parts.netloc}"
            self._inbox = HttpClient(origin, headers={}, read_seconds=read_seconds, connections=AT_ONCE)

    def show(self, vendor_id: str, message: Mapping[str, object]) -> Accepted | Retry | Unknown:
        """Accepted as ``vendor_id`` once the inbox, where there is one, has it.

        A refused connection, or a refusal, is a `Retry`; an answer that does not come is `Unknown`.
        """
        shown = {"id": vendor_id, **message}
        if self._inbox is not None:
            answer = self._inbox.post_json(self._path or "/", shown)
            if isinstance(answer, Retry | Unknown):
                return answer
            if not 200 <= answer.status < 300:
                return Retry(None, f"the inbox answered {answer.status}: {answer.words()}")
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return Accepted(vendor_id)

    def find(self, vendor_id: str) -> Accepted | Absent | Retry:
        """Whether the inbox has it; without an inbox nothing is kept."""
        if self._inbox is None:
            return Absent()
        answer = self._inbox.request("GET", f"{self._path}/{quote(vendor_id, safe='')}")
        if isinstance(answer, Retry | Unknown):
            return Retry(None, answer.reason)
        if answer.status == 404:
            return Absent()
        return Accepted(vendor_id) if answer.status == 200 else Retry(None, f"the inbox answered {answer.status}")


class ConsoleTextChannel:
    """Vendor ids follow from number and tags, so that a rerun gives the same."""

    max_batch = AT_ONCE

    def __init__(self, console: Console) -> None:
        self._console = console

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """One outcome for each; ValueError for more than ``max_batch`` messages."""
        if len(messages) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} messages at a time")
        return each_at_once(self._send, messages)

    def _send(self, text: TextMessage) -> Outcome:
        segments = segments_of(text.body)
        message = {
            "kind": "text",
            "to": text.to,
            "sender": text.sender,
            "body": text.body,
            "encoding": segments.encoding,
            "segments": segments.count,
            "tags": dict(text.message_tags),
        }
        return self._console.show(f"console-{derived_id(text.to, *map(str, text.message_tags.items()))}", message)


class ConsolePostChannel:
    """The vendor id follows from the post's."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def publish(self, post: Post) -> Outcome:
        """Shown once for each call."""
        media = [{"url": each.url, "content_type": each.content_type, "alt_text": each.alt_text} for each in post.media]
        message = {
            "kind": "post",
            "profile": post.profile_id,
            "text": post.text,
            "link": post.link,
            "link_title": post.link_title,
            "media": media,
        }
        return self._console.show(f"console-{post.id}", message)

    def find(self, post: Post) -> Accepted | Absent | Retry:
        """Whether the inbox has it."""
        return self._console.find(f"console-{post.id}")

    def metrics(self, _vendor_id: str) -> PostMetrics:
        """Nobody has seen it."""
        return PostMetrics(0, 0, 0, 0, 0)


class ConsoleAdPlatform:
    """Campaigns of one ad account, ``account``; the vendor id follows from the campaign's."""

    def __init__(self, console: Console, account: str) -> None:
        self._console, self._account = console, account

    def create(self, campaign: AdCampaign) -> Accepted | Retry:
        """The inbox keeps a campaign that it has already as it is, so nothing is made twice."""
        message = {
            "kind": "ad",
            "account": self._account,
            "status": "paused",
            "name": campaign.vendor_name,
            "daily_budget": f"{campaign.daily_budget:f}",
            "currency": campaign.currency,
            "headlines": campaign.headlines,
            "descriptions": campaign.descriptions,
            "url": campaign.url,
            "image_url": campaign.image_url,
            "countries": campaign.countries,
            "keywords": campaign.keywords,
            "audience": campaign.audience_id,
            "advertiser": campaign.advertiser,
            "special_categories": sorted(campaign.special_categories),
            "start_at": campaign.start_at.isoformat(),
            "end_at": campaign.end_at.isoformat() if campaign.end_at else None,
        }
        outcome = self._console.show(f"console-{campaign.id}", message)
        return Retry(None, outcome.reason) if isinstance(outcome, Unknown) else outcome

    def find(self, campaign_id: str) -> Accepted | Absent | Retry:
        """Whether the inbox has it."""
        return self._console.find(f"console-{campaign_id}")

    def results(self, _vendor_id: str, _since: date, _until: date) -> AdResults:
        """Nobody has seen it."""
        return AdResults()


class ConsoleAudiences:
    """Says how many people were added, never who; the inbox is told nothing."""

    def __init__(self) -> None:
        self._console = Console()

    def begin(self, audience: UploadedAudience) -> Accepted:
        """`Accepted` under a number, as vendors name audiences."""
        number = audience_number(audience)
        self._console.show(number, {"kind": "audience", "name": audience.vendor_name})
        return Accepted(number)

    def add(self, upload: str, members: Sequence[AudienceMember]) -> Accepted:
        """Their number is shown."""
        self._console.show(upload, {"kind": "audience", "added": len(members)})
        return Accepted(upload)

    def finish(self, upload: str) -> Accepted:
        """The audience is what was begun."""
        return Accepted(upload)
