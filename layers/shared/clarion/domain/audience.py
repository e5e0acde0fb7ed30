"""Who a campaign is for: a fixed list of contacts, or all contacts a filter selects."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from clarion.domain.filters import FilterRejected, Predicate, compile_filter
from clarion.domain.ids import is_id

MAX_STATIC_MEMBERS = 10_000

# A filter's field that starts with one of these names the contact's own; any other is an attribute.
CONTACT_FIELDS = frozenset(
    {
        "id",
        "email",
        "firstName",
        "lastName",
        "phone",
        "timezone",
        "locale",
        "tags",
        "consent",
        "createdAt",
        "updatedAt",
        "attributes",
    }
)


def _checked_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an identifier")
    return text


ContactId = Annotated[str, AfterValidator(_checked_id)]


class _Definition(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class StaticMembers(_Definition):
    """``{"type": "static", "contactIds": ["01J8…", …]}``"""

    type: Literal["static"]
    contact_ids: Annotated[tuple[ContactId, ...], Field(max_length=MAX_STATIC_MEMBERS)]


class ContactFilter(_Definition):
    """``{"datatype": "contact", "where": {…}}``, its filter known to compile (``docs/filters.md``)."""

    datatype: Literal["contact"]
    where: dict[str, Any]

    @field_validator("where")
    @classmethod
    def _compiles(cls, where: dict[str, Any]) -> dict[str, Any]:
        try:
            _contact_predicate(where)
        except FilterRejected as rejected:
            # Raised as pydantic's own, the path inside the filter becomes part of the error's location.
            error = PydanticCustomError("filter_rejected", "{reason}", {"reason": rejected.message})
            detail = InitErrorDetails(type=error, loc=rejected.path, input=where)
            raise ValidationError.from_exception_data("where", [detail]) from None
        return where


class DynamicFilter(_Definition):
    """``{"type": "dynamic", "filter": {"datatype": "contact", "where": {…}}}``"""

    type: Literal["dynamic"]
    filter: ContactFilter


AudienceDefinition = Annotated[StaticMembers | DynamicFilter, Field(discriminator="type")]


def membership(definition: StaticMembers | DynamicFilter) -> Callable[[Mapping[str, Any]], bool]:
    """A predicate telling whether a contact belongs; make it once and call it per contact.

    It takes the contact's document: ``{"id": …, "email": …, "attributes": {…}, "tags": […], "createdAt":
    datetime, …}``. A filter's field is looked up among the contact's own fields where it starts with one of
    ``CONTACT_FIELDS``, else among its attributes: ``channel`` and ``attributes.channel`` are the same.
    """
    if isinstance(definition, StaticMembers):
        members = frozenset(definition.contact_ids)
        return lambda contact: contact.get("id") in members
    return _contact_predicate(definition.filter.where)


def _contact_predicate(where: dict[str, Any]) -> Predicate:
    return compile_filter(where, locate=_contact_path)


def _contact_path(field: str) -> str:
    return field if field.split(".", 1)[0] in CONTACT_FIELDS else f"attributes.{field}"
