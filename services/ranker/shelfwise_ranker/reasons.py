"""Why a candidate stands where it stands: what each feature added, and a sentence a shopper could read."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.rank import Reason
from shelfwise_ranker import reasons_of_seeds
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import SOURCES, FeatureRequest
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.newcomers import PLACE
from shelfwise_ranker.reasons_of_behavior import (
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

MAX_PARTS = 2
MIN_SHARE = 0.25
"""A second part is said only if it added at least this much of what the first added."""

_OFTEN = np.log1p(9.5)
"""Purchases of 90 days, as the columns have them."""


def reasons(
    request: FeatureRequest, matrix: NDArray[np.float32], scores: NDArray[np.float64], model: RankModel, count: int
) -> dict[int, Reason]:
    """Reasons for the best `count` candidates, by their position in the request."""
    best = np.argsort(-scores, kind="stable")[:count]
    added = model.contributions(matrix[best])
    names, families = registry.names(request.kind), registry.families(request.kind)
    found: dict[int, Reason] = {}
    for position, row in zip(best.tolist(), added.tolist(), strict=True):
        contributions = {name: value for name, value in zip(names, row[:-1], strict=True) if value != 0.0}
        if request.unknown is not None and request.unknown[position]:
            contributions[PLACE] = float(scores[position]) - sum(row)
            found[position] = Reason(sentence="new in the shop", base=row[-1], contributions=contributions)
            continue
        by_family: dict[str, float] = {}
        for family, value in zip(families, row[:-1], strict=True):
            by_family[family] = by_family.get(family, 0.0) + value
        values = dict(zip(names, matrix[position].tolist(), strict=True))
        sentence = _sentence(request, position, by_family, values)
        found[position] = Reason(sentence=sentence, base=row[-1], contributions=contributions)
    return found


Values = dict[str, float]  # one candidate's columns by name; NaN where not known


def _sentence(request: FeatureRequest, position: int, by_family: dict[str, float], values: Values) -> str:
    """The families that added most, in words."""
    return in_words(by_family, lambda family: _PHRASES[family](request, position, values)) or "one of the closest matches"


def in_words(added: Mapping[str, float], phrase_of: Callable[[str], str]) -> str:
    """The phrases of those that added most; one with nothing true to say (an empty phrase) is passed over."""
    parts: list[str] = []
    most = 0.0
    for name, value in sorted(added.items(), key=lambda item: -item[1]):
        if value <= 0 or len(parts) == MAX_PARTS or value < MIN_SHARE * most:
            break
        phrase = phrase_of(name)
        if phrase and phrase not in parts:
            parts.append(phrase)
            most = most or value
    return ", ".join(parts)


def _of_sources(request: FeatureRequest, position: int, values: Values) -> str:
    if request.kind in ("together", "user"):
        return of_votes(request, position, values)
    if request.kind == "product":
        if np.isnan(request.scores[position]).all():
            return ""
        return f"similar to {reasons_of_seeds.only_seed(request) or 'what was asked for'}"
    return _of_text(request, position, values) or _of_meaning(request, position)


def _of_meaning(request: FeatureRequest, position: int) -> str:
    """Where the text's vector was known, and is nearer to the candidate's than to most."""
    nearness = request.scores[:, SOURCES.index("dense")]
    if np.isnan(nearness[position]) or nearness[position] < np.nanmean(nearness):
        return ""
    return "close in meaning to the search"


def _of_text(request: FeatureRequest, position: int, values: Values) -> str:
    if request.kind in ("product", "together"):
        seed = reasons_of_seeds.of_name(request, position)
        return f"goes by a similar name as {seed}" if seed else ""
    shared = dict.fromkeys(request.tokens[position][request.found[position] > 0].tolist())
    vocabulary = request.table.vocabulary
    asked = {vocabulary.numbers.get(part): word for part, word in request.query.words.items()}
    named = [word for number, word in asked.items() if number in shared]
    # A word that was found for a misspelt one is named as the product spells it.
    meant = [vocabulary.spelling(number) for number in shared if number not in asked]
    return f"matches «{' '.join([*named, *meant])}»" if shared else ""


def of_popularity(request: FeatureRequest, position: int, values: Values) -> str:
    """How much it is bought of late; empty where it is not."""
    if values["trend_7d_30d"] > 0.5 and values["purchases_7d"] > A_FEW:
        return "bought more and more"
    if values["purchases_30d"] > A_FEW and values["purchases_30d_minus_mean"] > 0:
        return "popular this month"
    if values["purchases_90d"] > _OFTEN:
        return "often bought"
    return "bought lately" if values["purchases_90d"] > 0 else ""


def _of_price(request: FeatureRequest, position: int, values: Values) -> str:
    seed = reasons_of_seeds.of_price(request, position)
    if seed:
        return f"costs about as much as {seed}"
    return "well priced for its category" if values["price_to_category"] < -0.1 and category_of(request, position) else ""


def _of_category(request: FeatureRequest, position: int, values: Values) -> str:
    if seed := reasons_of_seeds.of_category(request, position):
        return f"same category as {seed}"
    if seed := reasons_of_seeds.of_brand(request, position):
        return f"same brand as {seed}"
    name = category_of(request, position)
    return f"from «{name}»" if name else ""


def _of_rating(request: FeatureRequest, position: int, values: Values) -> str:
    """Against the others: no shop says where its scale ends."""
    ratings = request.table.rating[request.rows]
    worse, rated = (ratings < ratings[position]).sum(), (ratings == ratings).sum()
    return "rated better than most of the others" if 2 * worse > rated else ""


def _of_freshness(request: FeatureRequest, position: int, values: Values) -> str:
    return "new in the shop" if values["age"] < np.log1p(60) else ""


_PHRASES: dict[str, Callable[[FeatureRequest, int, Values], str]] = {
    "sources": _of_sources,
    "text": _of_text,
    "shape": _of_text,
    "likeness": _of_sources,
    "popularity": of_popularity,
    "price": _of_price,
    "category": _of_category,
    "rating": _of_rating,
    "freshness": _of_freshness,
    "together": of_votes,
    "habits": lambda request, position, values: of_habits(values),
    "own": lambda request, position, values: of_own(values),
    "due": lambda request, position, values: of_due(values),
    "time": lambda request, position, values: of_time(values),
    "interest": lambda request, position, values: of_interest(values),
    "affinity": of_affinity,
    "shopper": lambda request, position, values: "",  # the same for all candidates
}
