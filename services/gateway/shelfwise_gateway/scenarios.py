"""Named scenarios: what was asked, and how its answer is put together."""

from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from shelfwise.app.validation import sentence
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.contracts.retrieve import PER_TEXT, QuestionKind

ProductField = Literal["brand", "category"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Boost(_Part):
    """Moves every product with `value` by `places`: up when positive, down when negative.

    Places and not points, since a ranker's scores and a retriever's have different scales.
    """

    field: ProductField
    value: str
    places: int = Field(ge=-1000, le=1000)


class Pin(_Part):
    """Puts a product at a position, counted from 1."""

    product_id: str
    position: int = Field(ge=1, le=100)


class Scenario(_Part):
    """How one kind of question is answered; the YAML file explains each field."""

    question: QuestionKind
    candidates: int = Field(100, ge=1, le=1000)
    per_text: int | None = Field(PER_TEXT, ge=1)
    filter: Filter | None = None
    collapse: frozenset[Literal["title", "variant_group"]] = frozenset()
    at_most: dict[ProductField, int] = Field(default_factory=dict)
    boosts: tuple[Boost, ...] = ()
    pins: tuple[Pin, ...] = ()

    def conditions(self, asked: Filter | None) -> dict[str, Any] | None:
        """The filter of a request: its own conditions, and the scenario's where it names none."""
        own = self.filter.model_dump(exclude_none=True) if self.filter is not None else {}
        return own | (asked.model_dump(exclude_none=True) if asked is not None else {}) or None

    @model_validator(mode="after")
    def _one_place_each(self) -> Self:
        positions, products = {pin.position for pin in self.pins}, {pin.product_id for pin in self.pins}
        if len(positions) < len(self.pins) or len(products) < len(self.pins):
            raise ValueError("expected every pin's position and product once, found one of them twice")
        return self


_FILE = TypeAdapter(dict[str, Scenario])


class Scenarios:
    """All scenarios by name."""

    def __init__(self, named: dict[str, Scenario]) -> None:
        self._named = named
        self._first: dict[QuestionKind, str] = {}
        for name, scenario in named.items():
            self._first.setdefault(scenario.question, name)
        missing = {"text", "product"} - self._first.keys()
        if missing:
            raise ValueError(f"expected a scenario for the questions {sorted(missing)}, found {sorted(named)}; add one")

    @classmethod
    def load(cls, path: Path | None) -> "Scenarios":
        """Read `path`, or the file that comes along.

        Raises:
            ValueError: it is not a file of scenarios; the message says what is wrong where.
        """
        file = path or resources.files("shelfwise_gateway") / "scenarios.yaml"
        try:
            return cls(_FILE.validate_python(yaml.safe_load(file.read_text(encoding="utf-8"))))
        except yaml.YAMLError as error:
            raise ValueError(f"expected YAML in {file}, found something else: {error}") from error
        except ValidationError as error:
            problems = "; ".join(sentence(problem) for problem in error.errors()[:5])
            raise ValueError(f"{file} is not a file of scenarios: {problems}") from error

    def infer(self, request: RecommendRequest) -> tuple[str, Scenario]:
        """The first scenario, by its place in the file, that answers such a question; with its name."""
        name = self._first["product" if request.product_id is not None else "text"]
        return name, self._named[name]
