"""How likely the kinds of typing slips are."""

import pytest

from shelfwise_retriever.slips import ADDED, LIKELY, NEIGHBOUR, REPLACED, VOWEL, likelihood


@pytest.mark.parametrize(
    ("written", "meant", "expected"),
    [
        ("chps", "chips", LIKELY),
        ("hips", "chips", LIKELY),
        ("chipps", "chips", LIKELY),
        ("cchips", "chips", LIKELY),
        ("chispx", "chisp", ADDED),
        ("xchips", "chips", ADDED),
        ("hcips", "chips", LIKELY),
        ("chisp", "chips", LIKELY),
        ("chops", "chips", NEIGHBOUR),
        ("chios", "chips", NEIGHBOUR),
        ("bresd", "bread", NEIGHBOUR),  # keys of the middle row
        ("chiox", "chios", NEIGHBOUR),  # one above the other
        ("chaps", "chips", VOWEL),
        ("suger", "sugar", VOWEL),
        ("suger", "super", REPLACED),
        ("caf3", "cafe", REPLACED),
        ("aata", "atta", LIKELY),  # the wrong one of two adjacent letters typed twice
        ("padde", "padee", LIKELY),
        ("ggod", "good", LIKELY),
        ("baat", "bart", REPLACED),
        ("at", "aa", REPLACED),
    ],
)
def test_a_slip_of_one_edit_has_the_likelihood_of_its_kind(written: str, meant: str, expected: float) -> None:
    assert likelihood(written, meant) == expected
