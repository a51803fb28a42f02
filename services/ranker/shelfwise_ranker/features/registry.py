"""Which features are computed for which kind of question, in the order of the model's columns."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.features.affinity import Affinity, PriceToHistory
from shelfwise_ranker.features.agreement import Agreement
from shelfwise_ranker.features.asker import AskersInterest, AskersPurchases
from shelfwise_ranker.features.base import Feature
from shelfwise_ranker.features.category import CategoryAmongCandidates, CategoryRelevance, SameAsSeed
from shelfwise_ranker.features.costs import LearnedCosts
from shelfwise_ranker.features.freshness import Freshness
from shelfwise_ranker.features.habits import Habits
from shelfwise_ranker.features.head import HeadWords
from shelfwise_ranker.features.judged import JudgedMeaning
from shelfwise_ranker.features.missing import MissingWords
from shelfwise_ranker.features.own import DueAgain, OwnInterest, OwnPurchases, ShopperHabits
from shelfwise_ranker.features.places import Lengths, Places
from shelfwise_ranker.features.popularity import Popularity, PopularityAmongCandidates
from shelfwise_ranker.features.price import Price, PriceToSeed
from shelfwise_ranker.features.rating import Rating
from shelfwise_ranker.features.relevance import PopularityAmongRelevant, Relevance
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.features.sources import SourceScores
from shelfwise_ranker.features.spelled import Spelled
from shelfwise_ranker.features.text_match import Characters, Coverage, Phrase, Sizes
from shelfwise_ranker.features.this_time import AtThisTime, SoldAtThisTime
from shelfwise_ranker.features.titles import TitlesAlike
from shelfwise_ranker.features.titles_of_past import TitlesOfPast
from shelfwise_ranker.features.votes import Lift, ProductVotes, TogetherVotes, UserVotes
from shelfwise_ranker.features.words_alike import WordsAlike

_WORDS: tuple[Feature, ...] = (
    SourceScores(),
    Coverage(),
    MissingWords(),
    HeadWords(),
    Relevance(),
    Phrase(),
    Sizes(),
    Characters(),
    Popularity(),
    PopularityAmongCandidates(),
    PopularityAmongRelevant(),
    Price(),
    CategoryAmongCandidates(),
    CategoryRelevance(),
    Rating(),
    Freshness(),
)

_ASKER: tuple[Feature, ...] = (AskersPurchases(), AskersInterest())
"""What is known about the shopper who asks, if anything."""

_SHELF: tuple[Feature, ...] = (Popularity(), PopularityAmongCandidates(), Habits(), Price(), Rating(), Freshness())
"""What is known about a candidate, whoever asks."""

FEATURES: dict[QuestionKind, tuple[Feature, ...]] = {
    "text": (
        *_WORDS, Lengths(), Places(), LearnedCosts(), WordsAlike(), Agreement(), Spelled(), JudgedMeaning(), *_ASKER,
    ),
    "product": (*_WORDS, SameAsSeed(), PriceToSeed(), ProductVotes(), *_ASKER),
    "together": (TogetherVotes(), Lift(), TitlesAlike(), SameAsSeed(), PriceToSeed(), *_SHELF),
    "user": (
        UserVotes(), OwnPurchases(), DueAgain(), AtThisTime(), SoldAtThisTime(), OwnInterest(), ShopperHabits(), Affinity(),
        TitlesOfPast(), PriceToHistory(), *_SHELF,
    ),
}  # fmt: skip

KINDS: tuple[QuestionKind, ...] = tuple(FEATURES)
"""The kinds of questions that can have a model."""

CATALOG_KINDS: tuple[QuestionKind, ...] = ("text", "product")
"""The kinds that a catalog alone can teach; what is bought together, and by whom, only events tell."""


def names(kind: QuestionKind) -> list[str]:
    """The columns of `matrix`, in order."""
    return [column for feature in FEATURES[kind] for column in feature.columns]


def families(kind: QuestionKind) -> list[str]:
    """The family of each column."""
    return [feature.family for feature in FEATURES[kind] for _ in feature.columns]


def rising(kind: QuestionKind) -> list[bool]:
    """For each column, whether more of it must never lower a score."""
    return [column in feature.rising for feature in FEATURES[kind] for column in feature.columns]


def matrix(request: FeatureRequest, used: frozenset[str] | None = None) -> NDArray[np.float32]:
    """[candidates, columns] every feature of the request's kind, for all candidates.

    `used`: the columns that the model uses. A feature with none of them is not computed and its columns are NaN; the model's
    scores stay the same.
    """
    computed, left_out, width = _plan(request.kind, used)
    out = np.empty((len(request.rows), width), dtype=np.float32)
    out[:, left_out] = np.nan
    # A share of nothing is NaN on purpose; numpy's warnings about it would cost more than the division.
    with np.errstate(invalid="ignore", divide="ignore"):
        for feature, place in computed:
            feature.compute(request, out[:, place])
    return out


@lru_cache
def _plan(kind: QuestionKind, used: frozenset[str] | None) -> tuple[list[tuple[Feature, slice]], list[int], int]:
    """The features that `used` needs, each with its columns of the matrix; the columns of all other features; the width."""
    computed: list[tuple[Feature, slice]] = []
    left_out: list[int] = []
    start = 0
    for feature in FEATURES[kind]:
        stop = start + len(feature.columns)
        if used is None or not used.isdisjoint(feature.columns):
            computed.append((feature, slice(start, stop)))
        else:
            left_out += range(start, stop)
        start = stop
    return computed, left_out, start
