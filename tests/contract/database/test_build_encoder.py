"""A build uses the encoder checkpoint named in the settings."""

from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from shelfwise.bundle import BundleStore
from shelfwise_embedder.engines.registry import open_engine
from shelfwise_pipeline.building.build import build
from shelfwise_pipeline.importing import import_products
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from tests.support.checkpoint import SHAPE, write_checkpoint
from tests.support.ranker import shop_products


def test_a_build_uses_the_checkpoint_named_in_the_settings(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    import_products(connection, shop_products())
    settings = PipelineSettings(
        bundles=str(tmp_path / "bundles"), var=tmp_path / "var", encoder=str(write_checkpoint(tmp_path / "mine"))
    )
    manifest = build(connection, settings, Steps(Console(quiet=True)))
    assert (manifest.encoder["source"], manifest.encoder["space"]["dimension"]) == ("mine", SHAPE.dimension)
    assert open_engine("onnx", BundleStore(settings.bundles).open(manifest.version, "encoder").path).max_tokens == 16
