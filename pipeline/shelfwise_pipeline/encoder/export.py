"""Exports a checkpoint to the two ONNX models and the tokenizer that serving needs, and caches the export."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from shelfwise_embedder.engines.onnx import MODEL_FILES, TOKENIZER_FILE
from shelfwise_pipeline.encoder.graph import BertShape, write_graph
from shelfwise_pipeline.encoder.linear import FULL, smoothed
from shelfwise_pipeline.encoder.smoothing import divisors
from shelfwise_pipeline.encoder.weights import Checkpoint

RECIPE: Final = 2
"""Increase it with every change to `graph`, `linear` or `quantize` that changes the output, so that cached exports are
redone."""

EXPORTED: Final = (*MODEL_FILES.values(), TOKENIZER_FILE)


def exported(checkpoint: Checkpoint, cache: Path) -> Path:
    """Return a folder with query.onnx (8 bit), document.onnx (fp32) and tokenizer.json, and make it if it is not in `cache`
    yet."""
    folder = cache / f"encoder-{checkpoint.digest[:16]}-{RECIPE}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        # Written to a temporary folder and renamed, so that a killed export never looks finished.
        aside = Path(tempfile.mkdtemp(prefix=".encoder-", dir=cache))
        try:
            _export(checkpoint, aside)
            aside.rename(folder)
        except OSError:
            # A concurrent build of the same encoder was faster and wrote the same files.
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return folder


def _export(checkpoint: Checkpoint, folder: Path) -> None:
    shape, tensors = BertShape.of(checkpoint.config), checkpoint.tensors()
    facts = {"source": checkpoint.name, "source_sha256": checkpoint.sha256, "recipe": str(RECIPE)}
    tokenizer = Tokenizer.from_file(str(checkpoint.folder / "tokenizer.json"))
    # The published file pads and truncates to 128 tokens, which sentence-transformers overrides.
    tokenizer.no_padding()
    tokenizer.enable_truncation(checkpoint.max_tokens)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    # Documents come in batches of texts of many lengths. In batches the 8-bit model gains less than padding costs, and a text's
    # scales would depend on the other texts of its batch. Queries run one by one.
    write_graph(folder / MODEL_FILES["document"], shape, tensors, FULL, facts, masked=True)
    eight_bit = smoothed(divisors(folder / MODEL_FILES["document"], tokenizer, shape, tensors))
    write_graph(folder / MODEL_FILES["query"], shape, tensors, eight_bit, facts, masked=False)
