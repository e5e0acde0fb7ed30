"""The campaign types in the public API."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.campaign_types import CampaignTypeGuide, FieldGuide, Rule, campaign_types
from clarion.domain.model import Model

Json = dict[str, Any]


class CampaignFieldView(FieldGuide):
    """A field of a type; where ``instead`` names another, a launch needs one of the two, and never takes both."""

    json_schema: Json = Field(alias="schema", description="JSON Schema of its value, complete in itself.")


class CampaignTypeView(Model):
    """``required`` fields are needed to launch: a draft needs its name alone."""

    type: str
    title: str
    description: str
    fields: list[CampaignFieldView]
    refuses: list[str] = Field(description="Fields that belong to other types.")
    rules: list[Rule] = Field(description="`about` is a field, `status`, or `changes`.")
    example: Json = Field(description="A body that creates a draft of this type.")

    @classmethod
    def of(cls, guide: CampaignTypeGuide, schemas: Mapping[str, Json]) -> Self:
        fields = [CampaignFieldView(**dict(field), json_schema=schemas[field.name]) for field in guide.fields]
        return cls(**{**dict(guide), "fields": fields})


class CampaignTypesView(Model):
    """Every campaign type."""

    items: list[CampaignTypeView]

    @classmethod
    def every(cls) -> Self:
        schemas = _schemas()
        return cls(items=[CampaignTypeView.of(guide, schemas) for guide in campaign_types()])


class _WithoutTitles(GenerateJsonSchema):
    """No titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _schemas() -> dict[str, Json]:
    """The JSON Schema of each field of a campaign, with the definitions that it refers to."""
    whole = CampaignDetails.model_json_schema(schema_generator=_WithoutTitles)
    definitions = whole["$defs"]
    schemas = {}
    for name, schema in whole["properties"].items():
        needed = {each: definitions[each] for each in _referred(schema, definitions)}
        schemas[name] = {**schema, "$defs": needed} if needed else schema
    return schemas


def _referred(schema: Any, definitions: Mapping[str, Json]) -> Iterator[str]:
    """Names of the definitions that a schema refers to, and those that these refer to."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            yield name
            yield from _referred(definitions[name], definitions)
        for value in schema.values():
            yield from _referred(value, definitions)
    elif isinstance(schema, list):
        for value in schema:
            yield from _referred(value, definitions)
