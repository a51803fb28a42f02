"""Whether an answer to a text says something, or is only the best of a catalog in which nothing fits."""

from shelfwise.clients import Candidates, Ranking

MIN_COVERAGE = 0.5
"""Of the text's words, by weight. Of questions to the demo shop, together with the nearness that chance reaches, it tells 11 of
11 without a meaning, 8 of 10 in other languages, 18 of 51 that are answered badly, and 5 of 138 that are answered well."""

NOTHING_FITS = "nothing in the catalog fits this text"
NOTHING_ALLOWED_FITS = "nothing that satisfies the filter fits this text"
"""Only what passes the filter was looked at: the rest of the catalog may well fit."""


def fits_nothing(candidates: Candidates, ranking: Ranking) -> bool:
    """No candidate has enough of the text's words, and none is nearer in meaning than random letters are to some product.

    False for a product's id, and where one of the two is not known: without the text's vector, without the ranker, or with a
    bundle that was built before it was measured.
    """
    if candidates.named is not None:
        return False
    by_chance, coverage = candidates.dense_by_chance, ranking.coverage
    if by_chance is None or coverage is None or coverage >= MIN_COVERAGE:
        return False
    nearest = max((score for score in candidates.scores.get("dense", ()) if score is not None), default=None)
    return nearest is not None and nearest < by_chance
