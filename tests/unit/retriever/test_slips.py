"""Which slips are likely."""

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
        ("chaps", "chips", VOWEL),
        ("suger", "sugar", VOWEL),
        ("suger", "super", REPLACED),
        ("caf3", "cafe", REPLACED),
        ("aata", "atta", LIKELY),  # the other of two neighbours typed twice
        ("padde", "padee", LIKELY),
        ("ggod", "good", LIKELY),
        ("baat", "bart", REPLACED),
        ("at", "aa", REPLACED),
    ],
)
def test_one_edit(written: str, meant: str, expected: float) -> None:
    assert likelihood(written, meant) == expected
