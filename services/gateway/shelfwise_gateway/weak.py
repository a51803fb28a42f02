"""Whether an answer to a text is meaningful, or only the best of a catalog in which nothing fits."""

from shelfwise.clients import Candidates, Ranking

MIN_COVERAGE = 0.5
"""The minimum covered share of the text's words, by weight. Among questions to the demo shop, this and the similarity reached
by chance detect 11 of 11 meaningless texts, 8 of 10 in other languages, 18 of 51 answered badly, and 5 of 138 answered well."""

NOTHING_FITS = "nothing in the catalog fits this text"
NOTHING_ALLOWED_FITS = "nothing that satisfies the filter fits this text"
"""Only products that pass the filter were searched: other products of the catalog may fit."""


def fits_nothing(candidates: Candidates, ranking: Ranking) -> bool:
    """Whether no candidate has enough of the text's words and none is nearer in meaning than random letters to some product.

    False for a product's id, and if one of the two values is unknown: without the text's vector, without the ranker, or with a
    bundle that was built before it was measured.
    """
    if candidates.named is not None:
        return False
    by_chance, coverage = candidates.dense_by_chance, ranking.coverage
    if by_chance is None or coverage is None or coverage >= MIN_COVERAGE:
        return False
    nearest = max((score for score in candidates.scores.get("dense", ()) if score is not None), default=None)
    return nearest is not None and nearest < by_chance
