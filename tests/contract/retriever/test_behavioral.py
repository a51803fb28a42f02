"""What the sources based on behavior find, in a small shop whose answers can be worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from shelfwise.contracts.filter import Filter, Range
from shelfwise.contracts.retrieve import SOURCES, QuestionKind
from shelfwise.errors import BundleDamaged, InvalidRequest, UnknownProduct
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.candidates import Candidates
from shelfwise_retriever.changes.changing import ProductChange
from shelfwise_retriever.retrieve import Retriever
from tests.support.behavior import behavior, space
from tests.support.catalog import SHELF, build_shelf, vector_of
from tests.support.history import DAY_S, history

CHIPS_1, CHIPS_2, POLISH_1, CORN_1, POLISH_2, POTATO_1, CHIPS_3, LAMP_1 = range(8)
IDS = [product["product_id"] for product in SHELF]

BEHAVIOR = behavior(
    8,
    together={CHIPS_1: {CORN_1: 0.6, LAMP_1: 0.2}, POLISH_1: {LAMP_1: 0.5, POTATO_1: 0.1}},
    learned={CHIPS_1: {CHIPS_2: 0.3}, POLISH_1: {POLISH_2: 0.4}},
    users={CHIPS_1: {POTATO_1: 0.9}},
    vectors=space(
        after={CHIPS_1: [1, 0], POLISH_1: [0, 1], LAMP_1: [1, 1]}, before={CHIPS_1: [0, 1], POLISH_1: [1, 0], LAMP_1: [1, 1]}
    ),
    trending={LAMP_1: 5, CHIPS_3: 4, POLISH_1: 1},
)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("catalog")
    facts = build_shelf(folder, behavior=BEHAVIOR)
    assert facts["behavior"]["lists"] == {"together": 4, "learned": 2, "users": 1}
    return Retriever.open(folder)


@pytest.fixture(scope="module")
def unvisited(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("unvisited")
    build_shelf(folder)
    return Retriever.open(folder)


def told(found: Candidates, source: str) -> dict[str, float]:
    """A source's scores of the candidates that it scored."""
    column = found.scores[source]
    return {found.ids[place]: float(column[place]) for place in np.flatnonzero(~np.isnan(column))}


@pytest.mark.parametrize("kind", ["product", "together", "user"])
def test_a_question_is_answered_by_the_sources_of_its_kind(retriever: Retriever, kind: QuestionKind) -> None:
    found = retriever.retrieve(kind=kind, seeds=["chips-1"])
    assert tuple(found.scores) == SOURCES[kind]
    assert all(len(column) == len(found.ids) for column in found.scores.values())


def test_together_averages_the_scores_over_the_products_of_the_cart(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="together", seeds=["chips-1", "polish-1"], sources=["together"])
    assert told(found, "together") == pytest.approx({"lamp-1": 0.35, "corn-1": 0.3, "potato-1": 0.05})
    assert found.ids == ["lamp-1", "corn-1", "potato-1"]


def test_each_source_also_scores_candidates_that_only_others_found(retriever: Retriever) -> None:
    found = retriever.retrieve(
        kind="together", seeds=["chips-1"], sources=["together", "users", "category", "trending"], limit=1
    )
    assert set(found.ids) == {"corn-1", "potato-1", "chips-3", "lamp-1"}  # the best of each
    assert told(found, "together") == pytest.approx({"corn-1": 0.6, "lamp-1": 0.2})
    assert told(found, "trending") == {"lamp-1": 5, "chips-3": 4}


def test_the_behavior_source_finds_what_comes_after_the_seed(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="together", seeds=["chips-1"], sources=["behavior"])
    assert told(found, "behavior") == pytest.approx({"polish-1": 1.0, "lamp-1": 0.5**0.5})


def test_unknown_products_of_a_cart_are_ignored_unless_all_are_unknown(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="together", seeds=["never-heard-of", "chips-1"], sources=["together"])
    assert found.ids == ["corn-1", "lamp-1"]
    with pytest.raises(UnknownProduct, match="never-heard-of"):
        retriever.retrieve(kind="together", seeds=["never-heard-of"])
    with pytest.raises(InvalidRequest, match="expected seeds for a question of kind 'together'"):
        retriever.retrieve(kind="together")


def test_own_finds_bought_products_before_those_in_the_cart_or_viewed(retriever: Retriever) -> None:
    said = history(("lamp-1", 1, 0, 1, 0), ("chips-1", 60, 2, 0, 0), ("corn-1", 0, 0, 0, 3), ("polish-1", 120, 1, 0, 0))
    found = retriever.retrieve(kind="user", history=said, sources=["own"])
    assert found.ids == ["chips-1", "polish-1", "lamp-1", "corn-1"]
    assert told(found, "own") == pytest.approx(
        {"chips-1": 1.0, "polish-1": 0.25, "lamp-1": 0.5e-3 * 0.5 ** (1 / 60), "corn-1": 0.25e-3}
    )


def test_viewed_finds_viewed_products_latest_first(retriever: Retriever) -> None:
    said = history(("lamp-1", 1, 0, 1, 0), ("chips-1", 2, 2, 0, 0), ("corn-1", 3, 0, 0, 3))
    found = retriever.retrieve(kind="user", history=said, sources=["viewed"])
    assert told(found, "viewed") == {"lamp-1": 1.0, "corn-1": 0.5}


def test_viewed_orders_by_the_last_look_if_known_not_by_the_last_event(retriever: Retriever) -> None:
    bought_today = history(("corn-1", 0, 4, 0, 1), ("lamp-1", 1, 0, 0, 1), ("chips-1", 2, 1, 0, 0))
    looked = bought_today.model_copy(update={"last_look_s": [40 * DAY_S, DAY_S, None]})
    found = retriever.retrieve(kind="user", history=looked, sources=["viewed"])
    assert told(found, "viewed") == {"lamp-1": 1.0, "corn-1": 0.5}
    not_told = bought_today.model_copy(update={"last_look_s": None})
    found = retriever.retrieve(kind="user", history=not_told, sources=["viewed"])
    assert told(found, "viewed") == {"corn-1": 1.0, "lamp-1": 0.5}


def test_a_history_weighs_the_lists_of_its_products_by_age(retriever: Retriever) -> None:
    said = history(("chips-1", 0, 1, 0, 0), ("polish-1", 1, 1, 0, 0))
    found = retriever.retrieve(kind="user", history=said, sources=["learned", "users"])
    chips, polish = 1.0, 0.5 ** (0.5 / 60) * 0.95
    learned = {"chips-2": 0.3 * chips / (chips + polish), "polish-2": 0.4 * polish / (chips + polish)}
    assert told(found, "learned") == pytest.approx(learned)
    assert told(found, "users") == pytest.approx({"potato-1": 0.9 / 1.9})


def test_dense_finds_products_near_in_meaning_to_those_bought(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="user", history=history(("polish-1", 1, 1, 0, 0)), sources=["dense"])
    assert found.ids[:2] == ["polish-1", "polish-2"]
    assert told(found, "dense")["polish-1"] == pytest.approx(1)


def test_trending_respects_filters_exclusions_and_limits(retriever: Retriever) -> None:
    assert retriever.retrieve(kind="user", sources=["trending"]).ids[:3] == ["lamp-1", "chips-3", "polish-1"]
    food = retriever.retrieve(kind="user", sources=["trending"], filter=Filter(category=["food"]))
    assert food.ids[0] == "chips-3"
    assert len(food.ids) == 5
    without = retriever.retrieve(kind="user", sources=["trending"], exclude=["lamp-1"], limit=2)
    assert without.ids == ["chips-3", "polish-1"]


def test_a_shopper_without_a_history_gets_trending_products_first(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="user")
    assert found.ids[:3] == ["lamp-1", "chips-3", "polish-1"]
    assert len(found.ids) == len(SHELF)


def test_without_any_behavior_a_shopper_gets_the_first_products(unvisited: Retriever) -> None:
    assert unvisited.retrieve(kind="user", limit=3).ids == IDS[:3]


def test_category_finds_the_most_popular_of_the_seeds_narrowest_category(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="together", seeds=["corn-1"], sources=["category"])
    # Chips-3 is trending, so it comes first of the snacks; corn-1, which would come last, is the seed.
    assert told(found, "category") == pytest.approx({"chips-3": 1.0, "chips-1": 1 / np.log2(3), "chips-2": 0.5})


def test_category_prefers_the_brand_of_the_seed(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="together", seeds=["chips-1"], sources=["category"])
    assert told(found, "category") == pytest.approx({"chips-3": 1.0, "chips-2": 1.5 / 2, "corn-1": 1 / np.log2(5)})


def test_category_finds_the_most_popular_of_the_brand_of_a_seed_without_category(tmp_path: Path) -> None:
    bare = [{key: value for key, value in product.items() if key != "category"} for product in SHELF]
    build_shelf(tmp_path, bare, behavior=BEHAVIOR)
    without = Retriever.open(tmp_path)
    for kind in ("product", "together"):
        found = without.retrieve(kind=kind, seeds=["polish-2"], sources=["category"])
        assert told(found, "category") == pytest.approx({"chips-3": 1.0, "polish-1": 1 / np.log2(3)})
        assert found.ids == ["chips-3", "polish-1"]
    cart = without.retrieve(kind="together", seeds=["polish-2", "chips-1"], sources=["category"])
    assert told(cart, "category") == pytest.approx({"chips-3": 0.5, "polish-1": 0.5 / np.log2(3), "chips-2": 0.5 / np.log2(3)})
    some = without.retrieve(kind="together", seeds=["polish-2"], sources=["category"], filter=Filter(price=Range(max=9)))
    assert told(some, "category") == pytest.approx({"polish-1": 1 / np.log2(3)})
    assert not told(without.retrieve(kind="together", seeds=["lamp-1"], sources=["category"]), "category")


def test_category_finds_products_by_brand_only_for_seeds_without_a_category(tmp_path: Path) -> None:
    some = [{**product, "category": []} if product["product_id"] == "polish-1" else product for product in SHELF]
    build_shelf(tmp_path, some, behavior=BEHAVIOR)
    shop = Retriever.open(tmp_path)
    alone = shop.retrieve(kind="together", seeds=["polish-1"], sources=["category"])
    assert told(alone, "category") == pytest.approx({"chips-3": 1.0, "polish-2": 0.5})
    shelf = shop.retrieve(kind="together", seeds=["chips-1"], sources=["category"])
    assert told(shelf, "category") == pytest.approx({"chips-3": 1.0, "chips-2": 1.5 / 2, "corn-1": 1 / np.log2(5)})
    cart = told(shop.retrieve(kind="together", seeds=["polish-1", "corn-1"], sources=["category"]), "category")
    assert cart["chips-3"] == pytest.approx(0.5 * 1.25 + 0.5 * 1.0), "the first of both lists"


def test_a_shop_without_behavior_falls_back_to_meaning_and_category(unvisited: Retriever) -> None:
    found = unvisited.retrieve(kind="together", seeds=["polish-1"])
    assert found.ids[0] == "polish-2"
    assert all(not told(found, source) for source in ("together", "behavior", "learned", "users"))


def test_filters_and_exclusions_hold_for_every_source(retriever: Retriever) -> None:
    said = history(*((product_id, 1.0, 1, 0, 1) for product_id in IDS))
    every = tuple(dict.fromkeys((*SOURCES["user"], *SOURCES["together"])))
    found = retriever.retrieve(kind="user", history=said, sources=every, filter=Filter(category=["food"]), exclude=["chips-1"])
    assert set(found.ids) == {"chips-2", "corn-1", "potato-1", "chips-3"}
    for source in every:
        alone = retriever.retrieve(
            kind="user", history=said, sources=[source], filter=Filter(brand=["glow"]), exclude=["chips-3"]
        )
        assert set(alone.ids) <= {"polish-1", "polish-2"}


def test_a_callers_list_for_a_text_is_scored_by_text_sources_despite_a_history(retriever: Retriever) -> None:
    said = history(("chips-1", 0, 1, 0, 0))
    listed = ["corn-1", "lamp-1", "nothing"]
    found = retriever.retrieve(kind="text", text="desk lamp", vector=vector_of("desk lamp"), history=said, only=listed)
    assert found.ids[0] == "lamp-1"
    assert set(found.scores) == set(SOURCES["text"]) - {"judged"}
    assert set(told(found, "dense")) == {"corn-1", "lamp-1"}
    assert found.why_fewer == "1 of the 3 listed products is not in the catalog: 'nothing'"


def test_an_unknown_source_raises_an_error_that_lists_the_known_ones(retriever: Retriever) -> None:
    with pytest.raises(InvalidRequest, match=r"dense, lexical, spelled, own, viewed, together.*found 'magic'"):
        retriever.retrieve(kind="user", sources=["own", "magic"])
    with pytest.raises(InvalidRequest, match="found none"):
        retriever.retrieve(kind="user", sources=[])


def test_with_behavior_replaces_the_behavior_and_shares_all_else(retriever: Retriever) -> None:
    other = retriever.with_behavior(behavior(8, together={CHIPS_1: {POLISH_2: 1.0}}))
    assert other.retrieve(kind="together", seeds=["chips-1"], sources=["together"]).ids == ["polish-2"]
    assert retriever.retrieve(kind="together", seeds=["chips-1"], sources=["together"]).ids == ["corn-1", "lamp-1"]
    assert other.catalog is retriever.catalog
    vector = vector_of("potato chips")
    assert other.retrieve(kind="text", vector=vector).ids == retriever.retrieve(kind="text", vector=vector).ids
    with pytest.raises(ValueError, match="of 8 products, found one of 3"):
        retriever.with_behavior(Behavior.empty(3))


def test_a_behavior_of_another_number_of_products_is_refused(tmp_path: Path) -> None:
    build_shelf(tmp_path)
    Behavior.empty(5).save(tmp_path / "behavior")
    with pytest.raises(BundleDamaged, match="of 8 products, found one of 5"):
        Retriever.open(tmp_path)
    with pytest.raises(ValueError, match="of 8 products, found one of 5"):
        build_shelf(tmp_path, behavior=Behavior.empty(5))


def test_a_later_product_is_found_by_meaning_and_disturbs_no_other_source(tmp_path: Path) -> None:
    build_shelf(tmp_path, behavior=BEHAVIOR)
    live = Retriever.open(tmp_path, last_change=0)
    assert live.changing is not None
    product = {"product_id": "polish-3", "title": "Nail polish red", "category": ["Beauty", "Nails"], "in_stock": True}
    live.changing.apply([ProductChange("polish-3", product), ProductChange("corn-1", None)])
    said = history(("polish-3", 0, 1, 0, 0), ("chips-1", 1, 1, 0, 0))
    asked = tuple(dict.fromkeys((*SOURCES["user"], *SOURCES["together"])))
    found = live.retrieve(kind="user", history=said, sources=asked, filter=Filter(in_stock=True))
    assert "polish-3" in told(found, "dense")
    assert "polish-3" in told(found, "own")
    assert told(found, "together") == pytest.approx({"lamp-1": 0.2})  # corn-1 is gone, polish-3 has no list
    assert "corn-1" not in found.ids
    assert live.retrieve(kind="together", seeds=["polish-3"]).ids[0] == "polish-1"
