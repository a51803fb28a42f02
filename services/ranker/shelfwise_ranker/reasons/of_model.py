"""Why a candidate has its rank: what each feature added, and a sentence that a shopper can read."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.reason import Phrase, Reason
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import SOURCES, FeatureRequest
from shelfwise_ranker.newcomers import PLACE
from shelfwise_ranker.present_visit import VISIT, Lifted
from shelfwise_ranker.reasons import of_seeds
from shelfwise_ranker.reasons.explanation import Added
from shelfwise_ranker.reasons.of_behavior import (
    A_FEW,
    category_of,
    of_affinity,
    of_due,
    of_habits,
    of_interest,
    of_own,
    of_time,
    of_votes,
)
from shelfwise_ranker.text import spellings, token, told

MAX_PARTS = 2
MIN_SHARE = 0.25
"""A second part is named only if it added at least this share of what the first added."""

_OFTEN = np.log1p(9.5)
"""Purchases of 90 days, as log(1 + purchases) like the columns."""


def reasons(
    request: FeatureRequest,
    matrix: NDArray[np.float32],
    scores: NDArray[np.float64],
    visit: Lifted | None,
    positions: list[int],
    added: Added,
) -> dict[int, Reason]:
    """Reasons for the candidates at `positions`; `added`: what the model's columns, and last its base, added to their scores.

    `visit`: what lifted some of `scores`, if anything did.
    """
    names, families = registry.names(request.kind), registry.families(request.kind)
    found: dict[int, Reason] = {}
    for position, row in zip(positions, added.tolist(), strict=True):
        contributions = {name: value for name, value in zip(names, row[:-1], strict=True) if value != 0.0}
        of_visit = float(visit.added[position]) if visit is not None else 0.0
        if of_visit:
            contributions[VISIT] = of_visit
        if request.unknown is not None and request.unknown[position]:
            contributions[PLACE] = float(scores[position]) - of_visit - sum(row)
        if visit is not None and of_visit:
            found[position] = said([visit.phrase(request, position)], row[-1], contributions)
            continue
        if request.unknown is not None and request.unknown[position]:
            found[position] = said([Phrase("new")], row[-1], contributions)
            continue
        by_family: dict[str, float] = {}
        for family, value in zip(families, row[:-1], strict=True):
            by_family[family] = by_family.get(family, 0.0) + value
        values = dict(zip(names, matrix[position].tolist(), strict=True))
        found[position] = said(_phrases(request, position, by_family, values), row[-1], contributions)
    return found


def said(phrases: Sequence[Phrase], base: float, contributions: dict[str, float]) -> Reason:
    """The phrases as one sentence and in codes."""
    sentence = ", ".join(map(str, phrases))
    return Reason(sentence=sentence, parts=[phrase.part for phrase in phrases], base=base, contributions=contributions)


Values = dict[str, float]  # one candidate's columns by name; NaN if not known


def _phrases(request: FeatureRequest, position: int, by_family: dict[str, float], values: Values) -> list[Phrase]:
    """The phrases of the families that added most."""
    phrases = in_words(by_family, lambda family: _PHRASES[family](request, position, values))
    return phrases or [Phrase("closest" if _asks_something(request) else "suggested")]


def _asks_something(request: FeatureRequest) -> bool:
    """False for a shopper about whom nothing is known: there is nothing that a product could be close to."""
    return request.kind != "user" or (request.history is not None and bool(request.history.products))


def in_words(added: Mapping[str, float], phrase_of: Callable[[str], Phrase | None]) -> list[Phrase]:
    """The phrases of the parts that added most; a part with nothing true to say is skipped."""
    parts: list[Phrase] = []
    most = 0.0
    for name, value in sorted(added.items(), key=lambda item: -item[1]):
        if value <= 0 or len(parts) == MAX_PARTS or value < MIN_SHARE * most:
            break
        phrase = phrase_of(name)
        if phrase is not None and phrase not in parts:
            parts.append(phrase)
            most = most or value
    return parts


def _of_sources(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    if request.kind in ("together", "user"):
        return of_votes(request, position, values)
    if request.kind == "product":
        if np.isnan(request.scores[position, : len(SOURCES)]).all():
            return None
        seed = of_seeds.only_seed(request)
        return Phrase("similar_to", {"product": seed} if seed else {"what": "asked_for"})
    return _of_text(request, position, values) or _of_meaning(request, position)


def _of_meaning(request: FeatureRequest, position: int) -> Phrase | None:
    """If the text's vector was known, and the candidate is at least as close to it as the mean candidate, and as by chance."""
    nearness = request.scores[:, SOURCES.index("dense")]
    if np.isnan(nearness[position]) or nearness[position] < np.nanmean(nearness):
        return None
    if request.dense_by_chance is not None and nearness[position] < request.dense_by_chance:
        return None
    return Phrase("close_in_meaning")


def _of_text(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    if request.kind in ("product", "together"):
        return _of_seed("similar_name", of_seeds.of_name(request, position))
    shared = dict.fromkeys(request.tokens[position][request.found[position] > 0].tolist())
    if not shared:
        return None
    vocabulary = request.table.vocabulary
    asked = {vocabulary.numbers.get(part): word for part, word in request.query.words.items()}
    spelled = spellings(request.query.text)
    named = [spelled.get(word, word) for number, word in asked.items() if number in shared]
    # A word that was found for a misspelt one is named as the product spells it.
    title = {vocabulary.numbers.get(token(word)): written for word, written in spellings(_title(request, position)).items()}
    alone = request.query.alone
    meant = [
        next((character for character in alone if character in vocabulary.spelling(number)), None)
        or title.get(number)
        or vocabulary.spelling(number)
        for number in shared
        if number not in asked
    ]
    return Phrase("matches_words", {"words": told(dict.fromkeys([*named, *meant]), request.query.text)})


def _title(request: FeatureRequest, position: int) -> str:
    row = request.rows[position]
    return request.table.titles[row] if row >= 0 else ""


def _of_seed(code: str, title: str) -> Phrase | None:
    return Phrase(code, {"product": title}) if title else None


def of_popularity(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    """How much it was bought lately; None if it was not."""
    if values["trend_7d_30d"] > 0.5 and values["purchases_7d"] > A_FEW:
        return Phrase("bought_more_and_more")
    if values["purchases_30d"] > A_FEW and values["purchases_30d_minus_mean"] > 0:
        return Phrase("popular_this_month")
    if values["purchases_90d"] > _OFTEN:
        return Phrase("often_bought")
    return Phrase("bought_lately") if values["purchases_90d"] > 0 else None


def _of_price(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    if alike := _of_seed("same_price", of_seeds.of_price(request, position)):
        return alike
    return Phrase("well_priced") if values["price_to_category"] < -0.1 and category_of(request, position) else None


def _of_category(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    if seed := of_seeds.of_category(request, position):
        return _of_seed("same_category", seed)
    if seed := of_seeds.of_brand(request, position):
        return _of_seed("same_brand", seed)
    name = category_of(request, position)
    return Phrase("in_category", {"category": name}) if name else None


def _of_rating(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    """Relative to the other candidates: no shop says where its rating scale ends."""
    ratings = request.table.rating[request.rows]
    worse, rated = (ratings < ratings[position]).sum(), (ratings == ratings).sum()
    return Phrase("well_rated") if 2 * worse > rated else None


def _of_freshness(request: FeatureRequest, position: int, values: Values) -> Phrase | None:
    return Phrase("new") if values["age"] < np.log1p(60) else None


_PHRASES: dict[str, Callable[[FeatureRequest, int, Values], Phrase | None]] = {
    "sources": _of_sources,
    "text": _of_text,
    "shape": _of_text,
    "likeness": _of_sources,
    "popularity": of_popularity,
    "price": _of_price,
    "category": _of_category,
    "votes": _of_category,
    "rating": _of_rating,
    "freshness": _of_freshness,
    "together": of_votes,
    "habits": lambda request, position, values: of_habits(values),
    "own": lambda request, position, values: of_own(values),
    "due": lambda request, position, values: of_due(values),
    "time": lambda request, position, values: of_time(values),
    "interest": lambda request, position, values: of_interest(values),
    "affinity": of_affinity,
    "shopper": lambda request, position, values: None,  # the same for all candidates
}
