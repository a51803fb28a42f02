"""Products as they are written. Stricter than `Product`: what could not be stored, shown or found is refused with a reason."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shelfwise.contracts.base import MOST_WHOLE, Composed, Message, NotBoolean
from shelfwise.contracts.product import ABOUT, ProductId

MAX_LINES = 10_000
"""Of one bulk call."""

MAX_LINE_BYTES = 65_536


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("expected text without the character NUL, found one")
    return text


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999 in UTC, found one outside") from None


def _blank_is_none(text: str | None) -> str | None:
    return text or None


_Exact = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_printable)]
_Text = Annotated[_Exact, Composed]
_Optional = AfterValidator(_blank_is_none)

Title = Annotated[_Text, Field(min_length=1, max_length=1000)]
Description = Annotated[Annotated[_Text, Field(max_length=20_000)] | None, _Optional]
ShortText = Annotated[Annotated[_Text, Field(max_length=200)] | None, _Optional]
CategoryPath = Annotated[list[Annotated[_Text, Field(min_length=1, max_length=200)]], Field(max_length=20)]
Price = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False), NotBoolean]
Currency = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{3}$"), AfterValidator(str.upper)]
ImageUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s/]+"), AfterValidator(_printable)
]
Rating = Annotated[float, Field(ge=0, allow_inf_nan=False), NotBoolean]
RatingCount = Annotated[int, Field(ge=0, le=MOST_WHOLE), NotBoolean]
AttributeName = Annotated[_Text, Field(min_length=1, max_length=200)]
AttributeValue = Annotated[_Text, Field(min_length=1, max_length=1000)]
CreatedAt = Annotated[datetime, AfterValidator(_utc)]

_PRICE = f"{ABOUT['price']} Kept with 4 decimals."
_CREATED_AT = f"{ABOUT['created_at']} A time without a time zone is taken as UTC."


class ProductWrite(Message):
    """A whole product. Fields that you leave out are unknown afterwards, with two exceptions: `in_stock` is then true;
    `created_at` stays as it was, and is the current time for a new product."""

    product_id: ProductId | None = Field(None, description="May be left out if it is in the URL.")
    title: Title = Field(description=ABOUT["title"])
    description: Description = Field(None, description=ABOUT["description"])
    brand: ShortText = Field(None, description=ABOUT["brand"])
    category: CategoryPath = Field(default_factory=list, description=ABOUT["category"])
    price: Price | None = Field(None, description=_PRICE)
    currency: Currency | None = Field(None, description=ABOUT["currency"])
    image_url: ImageUrl | None = Field(None, description=ABOUT["image_url"])
    rating: Rating | None = Field(None, description=ABOUT["rating"])
    rating_count: RatingCount | None = Field(None, description=ABOUT["rating_count"])
    in_stock: bool = Field(True, description=ABOUT["in_stock"])
    attributes: dict[AttributeName, AttributeValue] = Field(
        default_factory=dict, max_length=200, description=ABOUT["attributes"]
    )
    variant_group: ShortText = Field(None, description=ABOUT["variant_group"])
    created_at: CreatedAt | None = Field(None, description=_CREATED_AT)


class ProductLine(ProductWrite):
    """A line of a bulk call."""

    product_id: ProductId


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        del field["default"]


class ProductPatch(Message):
    """Only the given fields change (RFC 7396). `null` clears a field. In `attributes`, only the named ones change."""

    # A generated client sends what is said to be a field's default: a patch of the price alone would clear the others.
    model_config = ConfigDict(json_schema_extra=_without_defaults)

    title: Title = Field("", description=f"{ABOUT['title']} It cannot be cleared.")
    description: Description = Field(None, description=ABOUT["description"])
    brand: ShortText = Field(None, description=ABOUT["brand"])
    category: CategoryPath | None = Field(None, description=f"{ABOUT['category']} It replaces the whole path.")
    price: Price | None = Field(None, description=_PRICE)
    currency: Currency | None = Field(None, description=ABOUT["currency"])
    image_url: ImageUrl | None = Field(None, description=ABOUT["image_url"])
    rating: Rating | None = Field(None, description=ABOUT["rating"])
    rating_count: RatingCount | None = Field(None, description=ABOUT["rating_count"])
    in_stock: bool | None = Field(None, description=f"{ABOUT['in_stock']} `null` sets it to true.")
    attributes: dict[AttributeName, AttributeValue | None] | None = Field(
        None,
        description="The attributes to change, by name; the others stay. `null` as a value removes one attribute, `null` for "
        "the field removes all.",
    )
    variant_group: ShortText = Field(None, description=ABOUT["variant_group"])
    created_at: CreatedAt | None = Field(None, description=_CREATED_AT)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one field, found none")
        return self


class ProductWritten(Message):
    """The write is committed. Every retriever that has applied the log up to `seq` answers with it."""

    product_id: str = Field(description=ABOUT["product_id"])
    result: Literal["kept", "unchanged", "deleted"] = Field(
        description="kept: the product was written. unchanged: it was like this already, and nothing was written. deleted: it "
        "was deleted."
    )
    seq: int = Field(
        description="The number of the change in the catalog's log. If nothing changed, the number of the last change."
    )


class LineReport(Message):
    """What became of one line of a bulk call."""

    line: int = Field(ge=1)
    product_id: str | None = None
    result: Literal["kept", "unchanged", "refused"]
    seq: int | None = None
    code: str | None = Field(None, description="The code of the error, if the line was refused.")
    reason: str | None = None


class BulkSummary(Message):
    """The last line of a bulk call's report."""

    lines: int
    kept: int
    unchanged: int
    refused: int
    seq: int = Field(description="The highest `seq` of a line; 0 if no line has one.")


class AppliedChanges(Message):
    """How far the retrievers have applied the catalog's log."""

    applied: int = Field(description="Every answer has every change up to this number.")
    replicas: int = Field(1, description="Number of retrievers that were asked: one for each address that the gateway has.")
    problem: str | None = Field(None, description="Why one of them does not apply further changes.")
