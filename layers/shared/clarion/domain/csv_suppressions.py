"""What the columns of a file of suppressed addresses mean, and one row as an address to suppress."""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from clarion.domain.contact import ConsentChannel
from clarion.domain.csv_cells import original
from clarion.domain.csv_headers import MAX_COLUMNS, BadHeader, Column, HeaderName, headers_by_target, named, plain, tidy
from clarion.domain.csv_records import NOT_UNICODE
from clarion.domain.model import Model
from clarion.domain.phones import parse_region
from clarion.domain.row_error import RowError, excerpt
from clarion.domain.suppression import SuppressionReason, suppressed_key

Target = Literal["address", "channel", "reason"]
W = TypeVar("W")

_SPOKEN: dict[Target, str] = {
    "address": "address email emailaddress mail recipient phone phonenumber mobile mobilephone msisdn",
    "channel": "channel",
    "reason": "reason suppressionreason",
}
_HEADERS = {spelling: target for target, spellings in _SPOKEN.items() for spelling in spellings.split()}
_REASONS: dict[SuppressionReason, str] = {
    "hard_bounce": "hardbounce bounce bounced permanent",
    "complaint": "complaint complained spam spamreport spamcomplaint abuse",
    "unsubscribed": "unsubscribed unsubscribe unsub",
    "opt_out": "optout optedout stop",
    "manual": "manual",
    "import": "import imported",
}
_REASON_OF = {spelling: reason for reason, spellings in _REASONS.items() for spelling in spellings.split()}
_CHANNEL_OF: dict[str, ConsentChannel] = {"email": "email", "mail": "email", "sms": "sms", "text": "sms"}


class SuppressionImportSettings(Model):
    """How to read a file of suppressed addresses, as the caller of an import says."""

    filename: Annotated[str, StringConstraints(max_length=256)] | None = None
    channel: ConsentChannel = Field(default="email", description="Of rows that name none.")
    reason: SuppressionReason = Field(default="import", description="Of rows that name none.")
    mapping: Annotated[dict[HeaderName, Target | None], Field(max_length=MAX_COLUMNS)] = Field(
        default_factory=dict,
        description="What a column holds, by its header; null leaves the column out. Columns that are not named here "
        "are recognised by common headers (Email, Phone, Channel, Reason), and left out otherwise.",
    )
    delimiter: Literal[",", ";", "\t"] | None = Field(default=None, description="Recognised from the header if null.")
    phone_region: Annotated[str, AfterValidator(parse_region)] | None = Field(
        default=None,
        description="ISO 3166-1 alpha-2, such as DE: how a number without its country code is meant. Without it a row "
        "with such a number is rejected.",
    )
    from_export: bool = Field(
        default=False, description="The file is a Clarion export: protective apostrophes are taken off."
    )


class SuppressionRow(NamedTuple):
    """What one row asks for; ``address`` is the normalised one."""

    row: int
    channel: ConsentChannel
    address: str
    reason: SuppressionReason


class SuppressionColumns:
    """What the headers of a file of suppressed addresses mean."""

    def __init__(self, settings: SuppressionImportSettings) -> None:
        self._settings = settings

    def recognised(self, header: Sequence[str]) -> int:
        """How many of these headers are known by themselves."""
        return sum(1 for name in header if plain(name) in _HEADERS)

    def of(self, header: Sequence[str]) -> tuple[list[Column], list[RowError]]:
        """The columns, and warnings about headers that had to be changed. Raises BadHeader."""
        mapping = {tidy(name): target for name, target in self._settings.mapping.items()}
        names, warnings = named(header, mapping)
        columns = [
            Column(header=name, target=mapping[name] if name in mapping else _HEADERS.get(plain(name)))
            for name in names
        ]
        if "address" not in headers_by_target(columns):
            raise BadHeader("no column gives an address: the first row names the columns, and one is Email or Phone")
        return columns, warnings


class SuppressionReader:
    """Makes addresses to suppress of rows, by the file's columns and the import's settings."""

    def __init__(self, columns: Sequence[Column], settings: SuppressionImportSettings) -> None:
        self._columns, self._settings = columns, settings
        self._headers = {column.target: column.header for column in columns if column.target}

    def read(self, row: int, cells: Sequence[str]) -> SuppressionRow | list[RowError]:
        """The address to suppress, or everything that is wrong with the row."""
        if len(cells) != len(self._columns):
            message = f"the row has {len(cells)} cells, the header {len(self._columns)}"
            return [RowError(row, "", message, excerpt(",".join(cells)))]
        said = {column.target: cell.strip() for column, cell in zip(self._columns, cells, strict=True) if column.target}
        errors: list[RowError] = []
        channel = self._word(row, said, "channel", _CHANNEL_OF, self._settings.channel, errors)
        reason = self._word(row, said, "reason", _REASON_OF, self._settings.reason, errors)
        try:
            address = self._address(channel, said["address"])
        except ValueError as error:
            return [*errors, RowError(row, self._headers["address"], str(error), excerpt(said["address"]))]
        return errors or SuppressionRow(row, channel, address, reason)

    def _word(
        self, row: int, said: dict[str, str], target: Target, words: dict[str, W], otherwise: W, errors: list[RowError]
    ) -> W:
        cell = said.get(target, "")
        if not cell:
            return otherwise
        known = words.get(plain(cell))
        if known is None:
            message = f"not a {target}: {', '.join(dict.fromkeys(map(str, words.values())))}"
            errors.append(RowError(row, self._headers[target], message, excerpt(cell)))
            return otherwise
        return known

    def _address(self, channel: ConsentChannel, cell: str) -> str:
        if NOT_UNICODE.search(cell):
            raise ValueError("not UTF-8 (or UTF-16 with a byte order mark)")
        if not cell:
            raise ValueError("there is no address in this row")
        if channel == "sms":
            number = cell.lstrip("'")  # as spreadsheets are made to keep the + of a number
            return suppressed_key(channel, number, self._settings.phone_region)
        return suppressed_key(channel, original(cell) if self._settings.from_export else cell)
