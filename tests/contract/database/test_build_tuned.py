"""A build for a shop whose judged queries use words of its own: the bundle's encoder learns them."""

from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from rich.console import Console

from shelfwise.bundle import BundleStore
from shelfwise_embedder.description import EncoderDescription
from shelfwise_pipeline.building import parts
from shelfwise_pipeline.building.build import build
from shelfwise_pipeline.encoder.tuning import lessons
from shelfwise_pipeline.encoder.weights import OFFICIAL_SHA256
from shelfwise_pipeline.encoder.words import whole_words
from shelfwise_pipeline.importing import JUDGEMENT_COLUMNS, import_judgements, import_products, read_judgements
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from tests.support.ranker import shop_products

CODES = ["qorv", "blent", "zix", "marp", "twell"]
PLACES = ["", "cheap", "best", "new", "big", "sale", "my", "good", "nice", "small", "other", "more"]


def judgements(products: pl.DataFrame) -> pl.DataFrame:
    """Queries with the shop's own word for each category, which judge some products of it and some of other categories."""
    shelves = products.group_by(pl.col("category").list.last(), maintain_order=True).agg("product_id").rows()
    rows = [
        (f"{code} {place}".strip(), product, 3.0 if shelf == wanted else 0.0)
        for code, (wanted, _) in zip(CODES, shelves, strict=True)
        for place in PLACES
        for shelf, held in shelves
        for product in held[::9]
    ]
    return pl.DataFrame(rows, schema=JUDGEMENT_COLUMNS, orient="row")


@pytest.mark.weights
def test_a_build_with_tune_encoder_tunes_the_encoder_on_the_shops_judgements(
    connection: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "LEAST", 20)
    # All words of the language take longer than the rest of the build; the shop of the end-to-end tests is built with them.
    monkeypatch.setattr(parts, "whole_words", lambda tokenizer: whole_words(tokenizer)[::40])
    products = shop_products()
    import_products(connection, products)
    import_judgements(connection, judgements(products))
    settings = PipelineSettings(bundles=str(tmp_path / "bundles"), var=tmp_path / "var", tune_encoder=True)
    manifest = build(connection, settings, Steps(Console(quiet=True)))
    outcome = manifest.evaluation["encoder"]
    assert outcome["after"] > outcome["before"]
    assert outcome["queries"] >= 20
    # The manifest counts all judgements of the shop, whichever of them the build used for what.
    assert manifest.judgements == read_judgements(connection).height
    assert manifest.encoder["source"] == "all-MiniLM-L6-v2-tuned"
    assert manifest.encoder["source_sha256"] != OFFICIAL_SHA256
    served = EncoderDescription.read(BundleStore(settings.bundles).open(manifest.version, "encoder").path)
    assert served.space.model.startswith("all-MiniLM-L6-v2-tuned@")
