"""Published bundles with the fake encoder."""

from pathlib import Path

import numpy as np

from shelfwise.bundle import BundleStore, BundleWriter
from shelfwise_embedder.encode import encode
from shelfwise_pipeline.encoder.build import build_fake_encoder

TEXTS = ["nail polish red", "motor oil", "soap"]


def publish_fake_bundle(root: Path, version: str = "1") -> None:
    with BundleWriter(str(root), version) as writer:
        encoder = build_fake_encoder(writer.part("encoder"))
        vectors = encode(encoder.engine, TEXTS, "document")
        description = encoder.measured(TEXTS, vectors.astype(np.float32))
        writer.finish(
            data_fingerprint="test",
            last_change=0,
            encoder=description.model_dump(mode="json", exclude={"probe"}),
            catalog={},
            features={},
            evaluation={},
        )
    BundleStore(str(root)).publish(version)
