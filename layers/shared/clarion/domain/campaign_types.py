"""The campaign types as their users meet them: fields, rules and an example of each."""

from collections.abc import Mapping
from typing import Any, get_args

from clarion.domain.campaign_details import ONLY_FOR, CampaignDetails, CampaignType
from clarion.domain.campaign_type_words import ABOUT, EXAMPLES, HELP, RULES, RULES_OF
from clarion.domain.model import Model

_REQUIRED = ("name", "channels", "audienceId", "audience")
_REQUIRED_BY: Mapping[CampaignType, tuple[str, ...]] = {
    "one-shot": ("templateId",),
    "recurring": ("type", "templateId", "recurring"),
    "drip": ("type", "steps"),
    "milestone": ("type", "templateId", "steps", "milestone"),
}
_INSTEAD = {"audienceId": "audience", "audience": "audienceId", "templateId": "steps", "steps": "templateId"}


class FieldGuide(Model):
    """A field by its JSON name. ``required`` is what a launch needs, one of the two where ``instead`` names another."""

    name: str
    required: bool
    instead: str | None
    help: str


class Rule(Model):
    """What holds for a type, in words; ``about`` is a field (``schedule.endAt``), ``status`` or ``changes``."""

    about: str
    text: str


class CampaignTypeGuide(Model):
    """A type. ``refuses`` are fields of other types, ``example`` the body of a request that creates a draft."""

    type: CampaignType
    title: str
    description: str
    fields: tuple[FieldGuide, ...]
    refuses: tuple[str, ...]
    rules: tuple[Rule, ...]
    example: dict[str, Any]


def campaign_types() -> list[CampaignTypeGuide]:
    """Every type, the simplest first."""
    return [_guide(kind) for kind in get_args(CampaignType)]


def _guide(kind: CampaignType) -> CampaignTypeGuide:
    title, description = ABOUT[kind]
    refuses = tuple(path for path, (_, types) in ONLY_FOR.items() if kind not in types)
    names = [info.alias or name for name, info in CampaignDetails.model_fields.items()]
    rules = {**RULES, **RULES_OF[kind]}
    return CampaignTypeGuide(
        type=kind,
        title=title,
        description=description,
        fields=tuple(_field(kind, name, refuses) for name in names if name not in refuses),
        refuses=refuses,
        rules=tuple(Rule(about=about, text=text) for about, text in rules.items()),
        example=EXAMPLES[kind],
    )


def _field(kind: CampaignType, name: str, refuses: tuple[str, ...]) -> FieldGuide:
    required = name in (*_REQUIRED, *_REQUIRED_BY[kind])
    instead = _INSTEAD.get(name) if required else None
    return FieldGuide(name=name, required=required, instead=None if instead in refuses else instead, help=HELP[name])
