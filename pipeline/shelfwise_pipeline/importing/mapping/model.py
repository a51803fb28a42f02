"""The column map: the origin of every canonical field's value, and the steps applied to it."""

from datetime import date
from string import Formatter
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shelfwise_pipeline.importing.files import FileOptions
from shelfwise_pipeline.importing.loading import Duplicates
from shelfwise_pipeline.importing.mapping.patterns import groups_of, require_groups
from shelfwise_pipeline.importing.report import Kind

NULLS = ("", "NULL", "null", "NaN", "nan", "N/A", "n/a", "NA", "#N/A", "None", "\\N")
ORIGINS = ("column", "columns", "template", "constant", "multiply", "timeline")
Scalar = str | int | float | bool


def _compiled(pattern: str) -> str:
    groups_of(pattern)
    return pattern


def _template(template: str) -> str:
    try:
        names = [name for _, name, _, _ in Formatter().parse(template)]
    except ValueError as error:
        raise ValueError(f"expected columns in braces, like '{{brand}} {{name}}', found {template!r}: {error}") from error
    if "" in names:
        raise ValueError(f"expected a column's name in every pair of braces ({{{{ is a brace), found none in {template!r}")
    return template


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"expected a time zone such as 'Europe/Berlin', found {name!r}") from error
    return name


def _shorthand(value: Any) -> Any:
    if isinstance(value, str):
        return {"column": value}
    return {"columns": value} if isinstance(value, list) else value


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Pattern = Annotated[str, AfterValidator(_compiled)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Timeline(Entry):
    """Times for orders that only have the number of days since the previous order: `start` plus the days so far."""

    start: date
    days: str = Field(description="Column: days since the order before; empty for the first one.")
    per: str = Field(description="Column: whose orders they are.")
    order: str = Field(description="Column: the order's number, in the order of time.")
    hour: str | None = Field(None, description="Column: hour of the day, 0 to 23.")

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(name for name in (self.days, self.per, self.order, self.hour) if name)


class FieldSource(Entry):
    """One origin, then the steps in the order of the attributes below. A string is short for `column`, a list for `columns`."""

    column: str | None = None
    columns: list[str] | None = Field(None, min_length=1, description="Steps of a path; joined by `join` for other fields.")
    template: Annotated[str, AfterValidator(_template)] | None = Field(
        None, description="Text with columns in braces: '{brand} {name}'."
    )
    constant: Scalar | None = None
    multiply: list[str] | None = Field(None, min_length=2, description="The product of number columns.")
    timeline: Timeline | None = None
    otherwise: Annotated[list[str], BeforeValidator(_list)] = Field(
        default_factory=list, alias="else", description="Columns for rows where the origin is empty; the first with a value."
    )
    join: str = " "
    extract: Pattern | None = Field(None, description="The first group of this pattern, or all that it matches.")
    replace: dict[Pattern, str] = Field(default_factory=dict, description="Pattern to text; $1 or ${1} is its first group.")
    case: Literal["lower", "upper", "title"] | None = None
    values: dict[Annotated[str, BeforeValidator(str)], Scalar] = Field(
        default_factory=dict, description="What the shop writes, to what it means; other values stay."
    )
    split: str | None = Field(None, description="The separator inside a path, or several separated by blanks: '> /'.")
    decimal: Literal[".", ","] | None = Field(None, description="The decimal separator; without it the file's values tell.")
    scale: tuple[float, float] | None = Field(None, description="A grade's lowest and highest value, to become 0 and 3.")
    formats: list[str] = Field(default_factory=list, description="strptime formats of times, tried in this order.")
    unit: Literal["s", "ms", "us"] | None = Field(None, description="Of times that are numbers; without it by their size.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="Of times that do not say their own.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        found = [name for name in ORIGINS if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"expected exactly one of {', '.join(ORIGINS)}, found {found or 'none'}")
        if self.scale and self.scale[0] >= self.scale[1]:
            raise ValueError(f"expected a scale from low to high, found {self.scale}")
        for pattern, new in self.replace.items():
            require_groups(pattern, new)
        return self

    @property
    def used(self) -> tuple[str, ...]:
        """The file's columns that this source reads."""
        in_template = [name for _, name, _, _ in Formatter().parse(self.template or "") if name]
        listed = [*(self.columns or []), *(self.multiply or []), *in_template]
        single = [self.column] if self.column else []
        return (*single, *self.otherwise, *listed, *(self.timeline.used if self.timeline else ()))


Source = Annotated[FieldSource, BeforeValidator(_shorthand)]


class Refusal(Entry):
    """Rows that are not wanted although they are correct: exactly one condition, and the reason to report."""

    column: str
    reason: str = Field(min_length=1)
    matches: Pattern | None = None
    unless: Pattern | None = Field(None, description="Refused where the value does not match; an empty one is refused too.")
    among: list[Annotated[str, BeforeValidator(str)]] | None = None
    below: float | None = None
    above: float | None = None
    empty: Literal[True] | None = None
    decimal: Literal[".", ","] | None = Field(None, description="As of fields, for `below` and `above`.")

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        conditions = ("matches", "unless", "among", "below", "above", "empty")
        if sum(getattr(self, name) is not None for name in conditions) != 1:
            raise ValueError(f"expected exactly one of {', '.join(conditions)}")
        return self


class Filling(Entry):
    """Consecutive rows with the same `by`, of which the later ones leave out values of the first."""

    by: str
    columns: list[str] = Field(min_length=1, description="Whose empty values are taken from the row before.")


class ColumnMap(Entry):
    """How a file, or several similar ones, become products, events or judgements."""

    kind: Kind | None = None
    file: FileOptions = FileOptions()
    null_values: list[str] = Field(list(NULLS), description="What the shop writes where it means nothing.")
    fill: Filling | None = None
    refuse: list[Refusal] = Field(default_factory=list)
    fields: dict[str, Source] = Field(min_length=1)
    attributes: dict[str, Source] = Field(default_factory=dict, description="Products: further columns, by the name to show.")
    one_per: str | None = Field(None, description="Products: the id column of a file with many lines for one product.")
    duplicates: Duplicates = Field("last", description="Products: which of several rows with one id is kept.")
    identity: list[str] | None = Field(
        None,
        min_length=1,
        description="Events without an id: the columns, as written, that tell one from another (default: who, what, when).",
    )

    @property
    def used(self) -> list[str]:
        """The file's columns that the map reads."""
        sources = [*self.fields.values(), *self.attributes.values()]
        single = [self.one_per] if self.one_per else []
        filled = [self.fill.by, *self.fill.columns] if self.fill else []
        return [
            *(name for source in sources for name in source.used),
            *filled,
            *(r.column for r in self.refuse),
            *single,
            *(self.identity or []),
        ]
