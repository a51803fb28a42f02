"""What a text asks to be without, and which titles name it."""

import pytest

from shelfwise_gateway.negation import unwanted_of


def named(text: str, *titles: str) -> list[bool]:
    unwanted = unwanted_of(text)
    assert unwanted is not None
    return [unwanted.named_in(title) for title in titles]


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("chocolate without sugar", [("sugar",)]),
        ("Headphones W/O wires", [("wire",)]),
        ("dress with no sleeves, blue", [("sleeve",)]),
        ("twin bed without headboard and footboard", [("headboard",), ("footboard",)]),
        ("pens without caps/clips", [("cap",), ("clip",)]),
        ("lights without wiring with switch", [("wiring",)]),
        ("water bottle without straw 32 oz", [("straw",)]),
        ("bread without high fructose syrup", [("high", "fructose", "syrup")]),
        ("juice without any added sugar", [("sugar",)]),
        ("without sugar", [("sugar",)]),
        ("Joghurt ohne Zucker für Kinder", [("zucker",)]),
        ("yaourt sans sucre pour enfants", [("sucre",)]),
        ("leche sin lactosa y sin azúcar", [("lactosa",), ("azucar",)]),
    ],
)
def test_the_unwanted_things_of_a_text_are_found(text: str, things: list[tuple[str, ...]]) -> None:
    unwanted = unwanted_of(text)
    assert unwanted is not None
    assert list(unwanted.things) == things


@pytest.mark.parametrize(
    "text",
    [
        "nail paints",
        "sugar free chocolate",
        "withoutabox",
        "poly sans",
        "lamp without 3d effect",  # a number begins something else
        "tool box without tools dewalt hard case",  # too many words to be one thing
        "silverware box without silverware",  # wanted and unwanted
        "",
    ],
)
def test_texts_without_a_clear_negation_have_no_unwanted_things(text: str) -> None:
    assert unwanted_of(text) is None


def test_an_unwanted_thing_is_found_in_titles_in_any_form() -> None:
    assert named("butter without salt", "Salted Butter", "Butter with sea salts", "Unsalted Butter", "Butter") == [
        True,
        True,
        False,
        False,
    ]
    assert named("bag without zips", "Zipped bag", "Bag, zip", "Zipper bag") == [True, True, False]
    assert named("beads without glass paint", "Glass Paint", "Paint on glass", "Glass beads") == [True, True, False]


def test_titles_that_deny_the_unwanted_thing_do_not_count_as_naming_it() -> None:
    denying = (
        "Sugar Free",
        "Sugar-free gum",
        "No Added Sugar",
        "without sugars",
        "Free from Salt & Sugar",
        "Gum with no added sugar",
        "Zero sugar",
        "non-sugar",
    )
    assert not any(named("gum without sugar", *denying))
    having = ("Sugar", "Sugar coated, gluten free", "No.1 sugar gum", "No gluten with sugar", "Sugar free candy in sugar")
    assert all(named("gum without sugar", *having))
    assert named("Saft ohne Zucker", "Saft zuckerfrei", "Saft ohne Zucker", "Saft mit Zucker") == [False, False, True]
