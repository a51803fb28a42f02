"""A shop's synonyms, its `synonyms.yaml`: what else to look for if a text has certain words (docs/synonyms.md)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from shelfwise.clients import Question
from shelfwise.contracts.synonyms import Synonym
from shelfwise.plurals import other_numbers
from shelfwise.validation import sentence
from shelfwise.words import WORD, plain
from shelfwise_gateway.negation import unwanted_of
from shelfwise_gateway.yaml_lines import LinedYaml

MOST: Final = 3
"""The most phrases added to one text: with more, the requested words would be the least part of what is looked for."""

Words = tuple[str, ...]


def _words(text: str) -> Words:
    """The words of `text`, split as in the retriever and the ranker."""
    return tuple(WORD.findall(plain(text)))


def _says_something(phrase: str) -> str:
    if not _words(phrase):
        raise ValueError(f"expected a word, found {phrase!r}")
    return phrase


Phrase = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(_says_something)]


class _OneWay(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: list[Phrase] = Field(alias="from", min_length=1)
    added: list[Phrase] = Field(alias="to", min_length=1)


_ONE_WAY: TypeAdapter[_OneWay] = TypeAdapter(_OneWay)
_ALIKE: TypeAdapter[list[Phrase]] = TypeAdapter(Annotated[list[Phrase], Field(min_length=2)])


class Synonyms:
    """Phrases and what is looked for beside each; case, accents and the plural of a phrase's last word are ignored."""

    def __init__(self, entries: Iterable[Synonym] = ()) -> None:
        self.entries = list(entries)
        self._beside: dict[Words, list[str]] = {}
        self._forms: dict[str, frozenset[Words]] = {}  # of all phrases that may be added
        for entry in self.entries:
            for phrase in entry.words:
                for form in _forms(phrase):
                    self._beside.setdefault(form, []).extend(entry.also_searched)
            self._forms.update({phrase: frozenset(_forms(phrase)) for phrase in entry.also_searched})
        self._lengths = sorted({len(form) for form in self._beside}, reverse=True)
        self._known = {word for forms in (self._beside, *self._forms.values()) for form in forms for word in form}

    @classmethod
    def load(cls, path: Path | None) -> "Synonyms":
        """The synonyms in the file at `path`; none without a path.

        Raises:
            OSError: the file cannot be read.
            ValueError: not a valid file of synonyms; the message says what is wrong in which line.
        """
        if path is None:
            return cls()
        try:
            said = LinedYaml(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}, {error}") from error
        try:
            return cls(_read(said))
        except ValueError as error:
            raise ValueError(f"{path} is not a file of synonyms: {error}") from error

    def beside(self, question: Question) -> Question:
        """`question` with the phrases to look for beside its text, and the words of the text that are not misspelt."""
        if question.text is None:
            return question
        words = _words(question.text)
        known = [word for word in words if word in self._known]
        if not known:
            return question
        unwanted = unwanted_of(question.text)
        return replace(question, also=self._additions(words, unwanted.places if unwanted else range(0)), as_meant=known)

    def _additions(self, words: Words, unwanted: range) -> list[str]:
        added: list[str] = []
        for phrase in self._found(words, unwanted):
            for other in self._beside[phrase]:
                if other not in added and not any(_has(words, form) for form in self._forms[other]):
                    added.append(other)
        return added[:MOST]

    def _found(self, words: Words, unwanted: range) -> Iterator[Words]:
        """The known phrases in `words`, the longest first, without overlaps and without those that are `unwanted` as a whole:
        "without sugar" may be a phrase of its own."""
        free = [True] * len(words)
        for length in self._lengths:
            for first in range(len(words) - length + 1):
                phrase = words[first : first + length]
                if phrase in self._beside and all(free[first : first + length]):
                    free[first : first + length] = [False] * length
                    if not (first in unwanted and first + length - 1 in unwanted):
                        yield phrase


def _read(said: LinedYaml) -> list[Synonym]:
    if not isinstance(said.value, list):
        raise ValueError(f"line 1: expected a list, found {'nothing' if said.value is None else type(said.value).__name__}")
    entries, problems = [], []
    for number, value in enumerate(said.value):
        if not isinstance(value, list | dict):
            expected = "[one, another] or {from: [asked], to: [added]}"
            problems.append(f"line {said.line_of([number])}: {number + 1}: expected {expected}, found {value!r}")
            continue
        try:
            entries.append(_entry(value))
        except ValidationError as error:
            problems += [
                f"line {said.line_of([number, *problem['loc']])}: {sentence({**problem, 'loc': (number + 1, *problem['loc'])})}"
                for problem in error.errors(include_url=False)
            ]
    if problems:
        raise ValueError("; ".join(problems[:5]))
    return entries


def _entry(value: Any) -> Synonym:
    if isinstance(value, list):
        alike = _ALIKE.validate_python(value)
        return Synonym(words=alike, also_searched=alike)
    one_way = _ONE_WAY.validate_python(value)
    return Synonym(words=one_way.asked, also_searched=one_way.added)


def _has(words: Words, phrase: Words) -> bool:
    return any(words[first : first + len(phrase)] == phrase for first in range(len(words) - len(phrase) + 1))


def _forms(phrase: str) -> list[Words]:
    """The phrase's words, with the last one as written and in its English plural or singular forms."""
    *before, last = _words(phrase)
    return [(*before, ending) for ending in (last, *other_numbers(last))]
