"""What a run says, channel by channel: compiled, frozen under digests, with its link tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from clarion.domain.advertisement import Advertisement, FrozenAdvertisement
from clarion.domain.campaign import Campaign
from clarion.domain.campaign_details import FIRST_STEP
from clarion.domain.campaign_message import CampaignMessage, message_of
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.post_limits import post_fault
from clarion.domain.run_plan import RunContent, RunStep
from clarion.domain.social_post import SocialPost


class CompiledTemplates(Protocol):
    """All raise NotFound, and Invalid naming the template's part that cannot be sent or is missing."""

    def compiled(self, org_id: str, template_id: str, subject: str | None = None) -> tuple[str, Sequence[str]]:
        """The newest version's mail compiled for sending, and its link table; with another subject where one is
        given."""

    def compiled_text(self, org_id: str, template_id: str) -> tuple[str, Sequence[str]]:
        """Its text message, likewise."""

    def social_text(self, org_id: str, template_id: str) -> str:
        """Its post, as it is shown."""


@dataclass
class LaunchContents:
    """``contents`` by digest, link tables by step."""

    steps: list[RunStep] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, content: str, first_link: int = 0) -> RunContent:
        digest = sha256(content.encode()).hexdigest()[:32]
        self.contents[digest] = content
        return RunContent(digest=digest, first_link=first_link)


class ContentCompiler:
    """``unsafe`` says why nobody may be led to an address; None where they may."""

    def __init__(self, templates: CompiledTemplates, unsafe: Callable[[str], str | None]) -> None:
        self._templates, self._unsafe = templates, unsafe

    def compile(self, org_id: str, campaign: Campaign, channel: str) -> LaunchContents:
        """Raises RuleBroken and Invalid naming the campaign's field that cannot be sent."""
        match channel:
            case "social":
                post = self._post(org_id, campaign)
                return self._published(post, post.link)
            case "ads":
                advertisement = campaign.ads or Advertisement()
                frozen = FrozenAdvertisement(name=campaign.name, advertisement=advertisement)
                self._check(advertisement.url, "body.ads.url")
                return self._published(frozen, advertisement.url)
        return self._messages(org_id, campaign, channel)

    def _messages(self, org_id: str, campaign: Campaign, channel: str) -> LaunchContents:
        found = LaunchContents()
        variants = [variant.id for variant in campaign.experiment.variants] if campaign.experiment else [None]
        for step in campaign.messages:
            urls = found.links.setdefault(step.id, [])
            by_variant = {}
            for variant in variants:
                content, more = self._compiled(org_id, message_of(campaign, step.id, variant), channel)
                by_variant[variant or ""] = found.keep(content, len(urls))
                urls.extend(more)
            found.steps.append(RunStep(id=step.id, contents=by_variant, delay=step.delay, send_window=step.send_window))
        return found

    def _compiled(self, org_id: str, message: CampaignMessage, channel: str) -> tuple[str, Sequence[str]]:
        try:
            if channel == "sms":
                return self._templates.compiled_text(org_id, message.template_id)
            return self._templates.compiled(org_id, message.template_id, message.subject)
        except NotFound as error:
            raise RuleBroken(str(error), message.template_field) from None
        except Invalid as error:
            named = {"subject": message.subject_field} if message.subject else {}
            raise Invalid(
                [{**e, "field": named.get(e["field"], message.template_field)} for e in error.errors]
            ) from None

    def _post(self, org_id: str, campaign: Campaign) -> SocialPost:
        post = campaign.social or SocialPost()
        if not post.text and campaign.template_id:
            try:
                text = self._templates.social_text(org_id, campaign.template_id)
            except NotFound as error:
                raise RuleBroken(str(error), "body.templateId") from None
            except Invalid:
                text = ""  # a template for mails alone
            post = post.model_copy(update={"text": text})
        if not (post.text.strip() or post.link or post.media):
            raise RuleBroken(
                "say what is posted: text, link or media, or a template with socialText", "body.social.text"
            )
        for ref in post.profiles:
            if fault := post_fault(post, ref.platform):
                by_template = fault[0] == "text" and not (campaign.social and campaign.social.text)
                raise RuleBroken(fault[1], "body.templateId" if by_template else f"body.social.{fault[0]}")
        self._check(post.link, "body.social.link")
        for n, medium in enumerate(post.media):
            self._check(medium.url, f"body.social.media.{n}.url")
        return post

    def _published(self, content: SocialPost | FrozenAdvertisement, link: str | None) -> LaunchContents:
        found = LaunchContents(links={FIRST_STEP: [link] if link else []})
        found.steps.append(RunStep(id=FIRST_STEP, contents={"": found.keep(content.model_dump_json(by_alias=True))}))
        return found

    def _check(self, url: str | None, field_: str) -> None:
        reason = self._unsafe(url) if url else None
        if reason:
            raise RuleBroken(reason, field_)
