"""What the columns of a contact file mean, and one row as a change to a contact."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from clarion.domain.contact import Consent, ConsentChannel, Tags
from clarion.domain.contact_merge import ContactChange
from clarion.domain.csv_cells import original
from clarion.domain.csv_headers import MAX_COLUMNS, BadHeader, Column, HeaderName, headers_by_target, named, plain, tidy
from clarion.domain.csv_records import NOT_UNICODE
from clarion.domain.csv_types import CellType, boolean, parsed
from clarion.domain.model import Model
from clarion.domain.phones import parse_phone, parse_region
from clarion.domain.row_error import RowError, excerpt, row_errors

ATTRIBUTE = "attributes."
_FIELDS = {
    "email": "email",
    "phone": "phone",
    "firstName": "first_name",
    "lastName": "last_name",
    "timezone": "timezone",
    "locale": "locale",
}
_CONSENTS: dict[str, ConsentChannel] = {"consent.email": "email", "consent.sms": "sms"}
_SAID: dict[str, Consent] = {"granted": "granted", "denied": "denied", "unknown": "unknown"}
_SPOKEN = {
    "email": "email emailaddress mail mailaddress",
    "phone": "phone phonenumber mobile mobilephone telephone",
    "firstName": "firstname givenname",
    "lastName": "lastname surname familyname",
    "timezone": "timezone",
    "locale": "locale",
    "tags": "tags",
    "consent.email": "consentemail emailconsent",
    "consent.sms": "consentsms smsconsent",
    "unsubscribed": "unsubscribed optedout optout",
}
_AUTOMATIC = {spelling: target for target, spellings in _SPOKEN.items() for spelling in spellings.split()}
_EXPORTED_ONLY = frozenset({"id", "createdAt", "updatedAt", "otherAttributes"})  # domain/contact_export.py
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # a row is checked before it has a time

Target = Annotated[
    str,
    StringConstraints(
        pattern=r"^(email|phone|firstName|lastName|timezone|locale|tags|consent\.(email|sms)|unsubscribed"
        r"|attributes\.[^\x00-\x1f\x7f-\x9f]{1,128})$"
    ),
]


class ImportSettings(Model):
    """How to read a contact file, as the caller of an import says."""

    filename: Annotated[str, StringConstraints(max_length=256)] | None = None
    mapping: Annotated[dict[HeaderName, Target | None], Field(max_length=MAX_COLUMNS)] = Field(
        default_factory=dict,
        description="What a column holds, by its header; null leaves the column out. Columns that are not named here "
        "are recognised by common headers (Email, First name, …), and become attributes otherwise.",
    )
    types: Annotated[dict[HeaderName, CellType], Field(max_length=MAX_COLUMNS)] = Field(
        default_factory=dict,
        description="Type of an attribute column, by its header. Without one a cell stays text: 00123 keeps its zeros.",
    )
    tags: Tags = Field(default=(), description="Added to every contact.")
    consent: dict[ConsentChannel, Consent] = Field(
        default_factory=dict, description="Where a row says nothing. It never turns a denial into a grant."
    )
    delimiter: Literal[",", ";", "\t"] | None = Field(default=None, description="Recognised from the header if null.")
    phone_region: Annotated[str, AfterValidator(parse_region)] | None = Field(
        default=None,
        description="ISO 3166-1 alpha-2, such as DE: how a phone without its country code is meant. Each phone is kept "
        "as its E.164 number then, and a row whose phone is none is rejected. Without it phones are kept as written.",
    )
    from_export: bool = Field(
        default=False,
        description="The file is a Clarion export: protective apostrophes are taken off; id and times are left out.",
    )


class ContactColumns:
    """What the headers of a contact file mean."""

    def __init__(self, settings: ImportSettings) -> None:
        self._settings = settings

    def recognised(self, header: Sequence[str]) -> int:
        """How many of these headers are known by themselves."""
        return sum(1 for name in header if plain(name) in _AUTOMATIC or name.startswith(ATTRIBUTE))

    def of(self, header: Sequence[str]) -> tuple[list[Column], list[RowError]]:
        """The columns, and warnings about headers that had to be changed. Raises BadHeader."""
        mapping = {tidy(name): target for name, target in self._settings.mapping.items()}
        types = {tidy(name): kind for name, kind in self._settings.types.items()}
        names, warnings = named(header, (*mapping, *types))
        from_export = self._settings.from_export
        columns = [
            Column(header=name, target=_target(name, mapping, from_export), type=types.get(name, "text"))
            for name in names
        ]
        _refuse_nonsense(columns)
        return columns, warnings


def _target(name: str, mapping: Mapping[str, str | None], from_export: bool) -> str | None:
    if name in mapping:
        return mapping[name]
    if from_export and name in _EXPORTED_ONLY:
        return None
    if name.startswith(ATTRIBUTE):
        return name
    return _AUTOMATIC.get(plain(name)) or ATTRIBUTE + name


def _refuse_nonsense(columns: Sequence[Column]) -> None:
    targets = headers_by_target(columns)
    for column in columns:
        if column.target is None:
            continue
        if len(column.target) > len(ATTRIBUTE) + 128:
            raise BadHeader(f"the header {column.header[:40]!r}… has more than 128 characters: map it or leave it out")
        if column.type != "text" and not column.target.startswith(ATTRIBUTE):
            raise BadHeader(f"column {column.header!r} gives {column.target!r}, so it cannot have a type")
    if "email" not in targets and "phone" not in targets:
        raise BadHeader("no column gives an email or a phone: map one")


class RowReader:
    """Makes changes of rows, by the file's columns and the import's settings."""

    def __init__(self, columns: Sequence[Column], settings: ImportSettings) -> None:
        self._columns, self._settings = columns, settings
        self._headers = {_FIELDS[column.target]: column.header for column in columns if column.target in _FIELDS}

    def read(self, row: int, cells: Sequence[str]) -> ContactChange | list[RowError]:
        """The change a row asks for, or everything that is wrong with the row."""
        if len(cells) != len(self._columns):
            message = f"the row has {len(cells)} cells, the header {len(self._columns)}"
            return [RowError(row, "", message, excerpt(",".join(cells)))]
        fields: dict[str, Any] = {}
        attributes: dict[str, Any] = {}
        consent: dict[ConsentChannel, Consent] = dict(self._settings.consent)
        tags: tuple[str, ...] = self._settings.tags
        errors: list[RowError] = []
        for column, written in zip(self._columns, cells, strict=True):
            target = column.target
            if not written or target is None:
                continue
            cell = original(written) if self._settings.from_export else written
            try:
                if not cell.isascii() and NOT_UNICODE.search(cell):
                    raise ValueError("not UTF-8 (or UTF-16 with a byte order mark)")
                if target.startswith(ATTRIBUTE):
                    attributes[target[len(ATTRIBUTE) :]] = parsed(cell, column.type)
                elif target in _FIELDS:
                    if cell.strip():
                        fields[_FIELDS[target]] = self._phone(cell) if target == "phone" else cell
                elif target == "tags":
                    tags = (*tags, *(tag for tag in cell.split(";") if tag.strip()))
                elif target in _CONSENTS:
                    consent[_CONSENTS[target]] = _consent(cell)
                elif boolean(cell):
                    consent["email"] = "denied"
            except ValueError as error:
                errors.append(RowError(row, column.header, str(error), excerpt(cell)))
        return errors or self._change(row, fields, attributes, tags, consent)

    def _phone(self, cell: str) -> str:
        region = self._settings.phone_region
        return cell if region is None else parse_phone(cell, region)

    def _change(
        self,
        row: int,
        fields: dict[str, Any],
        attributes: dict[str, Any],
        tags: tuple[str, ...],
        consent: dict[ConsentChannel, Consent],
    ) -> ContactChange | list[RowError]:
        change = ContactChange(row, None, fields, attributes, tags, consent)
        try:
            contact = change.new_contact("", _ANY_TIME)
        except ValidationError as error:
            return row_errors(row, error, self._headers)
        return ContactChange(row, contact.email_key, fields, attributes, tags, consent)


def _consent(cell: str) -> Consent:
    word = cell.strip().lower()
    return _SAID.get(word) or ("granted" if boolean(word) else "denied")
