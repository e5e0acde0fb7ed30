"""One of a campaign's messages: which template it is made of, and with which subject."""

from dataclasses import dataclass

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.errors import Invalid, RuleBroken


@dataclass(frozen=True, slots=True)
class CampaignMessage:
    """``subject`` replaces the template's where it is given. The fields name the campaign's inputs."""

    template_id: str
    subject: str | None
    template_field: str
    subject_field: str


def message_of(campaign: CampaignDetails, step: str | None, variant: str | None) -> CampaignMessage:
    """The message of a step and a variant, by default of the first of each.

    Raises Invalid for a step or variant the campaign does not have, RuleBroken where it has no message at all.
    """
    messages = campaign.messages
    if not messages:
        raise RuleBroken("choose a template", "body.templateId")
    positions = {each.id: n for n, each in enumerate(messages)}
    if step is not None and step not in positions:
        raise Invalid([{"field": "body.step", "message": f"the campaign has no step {step!r}"}])
    position = 0 if step is None else positions[step]
    template_id = messages[position].template_id
    template_field = f"body.steps.{position}.templateId" if campaign.steps else "body.templateId"
    variants = campaign.experiment.variants if campaign.experiment else ()
    arms = {each.id: n for n, each in enumerate(variants)}
    if variant is not None and variant not in arms:
        raise Invalid([{"field": "body.variant", "message": f"the campaign has no variant {variant!r}"}])
    if not variants:
        return CampaignMessage(template_id, None, template_field, "")
    number = 0 if variant is None else arms[variant]
    arm = variants[number]
    input_ = f"body.experiment.variants.{number}"
    return CampaignMessage(
        arm.template_id or template_id,
        arm.subject,
        f"{input_}.templateId" if arm.template_id else template_field,
        f"{input_}.subject",
    )
