"""What day-0 models learn from very small catalogs, and from questions that find nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise_pipeline.examples.from_catalog import catalog_questions
from shelfwise_pipeline.examples.retrieving import Retrieving
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.day_zero import CatalogTooSmall, train_day_zero
from shelfwise_pipeline.training.facts import RankerFacts
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import RankModel
from tests.support.ranker import SMALL_PLAN, SmallRetriever, encode, shop_products


def learned(products: pl.DataFrame, folder: Path) -> RankerFacts:
    return train_rankers(Shop(products), SmallRetriever(products), encode, folder, plan=SMALL_PLAN)


@pytest.mark.parametrize("count", [2, 20])
def test_unrelated_products_stay_in_the_order_of_retrieval(tmp_path: Path, count: int) -> None:
    apart = shop_products()[::9][:count].with_columns(category=pl.concat_list("product_id"))
    assert learned(apart, tmp_path).trained_on["product"] == "catalog"
    anything = np.random.default_rng(1).random((9, len(registry.names("product")))).astype(np.float32)
    assert len(set(RankModel.load(tmp_path, "product").scores(anything).tolist())) == 1


def test_two_products_of_one_category_are_enough_to_train_day_zero_models(tmp_path: Path) -> None:
    products = shop_products()[::60]
    related = products.with_columns(category=pl.Series([["a"], ["a"], ["b"]]))
    assert set(learned(related, tmp_path).trees) == {"text", "product"}


def test_a_single_product_raises_catalog_too_small(tmp_path: Path) -> None:
    with pytest.raises(CatalogTooSmall, match="none in 1 products; import more"):
        learned(shop_products()[:1], tmp_path)


def test_questions_that_find_nothing_lower_every_figure() -> None:
    products = shop_products()
    table = build_table(products)
    questions = catalog_questions("text", table, products, 60, moment=2e9, seed=3)
    complete = Retrieving(SmallRetriever(products), encode, table).retrieve(questions)
    lost = replace(
        complete[-1],
        rows=np.empty(0, np.int32),
        scores=complete[-1].scores[:0],
        order=np.empty(0, np.float32),
        grades=np.empty(0, np.int8),
    )
    before = train_day_zero("text", complete, table)
    after = train_day_zero("text", [*complete[:-4], *[lost] * 4], table)
    rows, with_lost = ({row.system: row for row in each.evaluation if row.system != "random"} for each in (before, after))
    assert rows.keys() == with_lost.keys()
    for system, row in rows.items():
        assert with_lost[system].n >= row.n
        assert with_lost[system].value < row.value
