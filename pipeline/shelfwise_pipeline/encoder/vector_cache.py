"""A cache of text vectors from earlier builds: most titles of a shop stay the same between builds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from shelfwise_embedder.engines.base import Vectors

_KEY_BYTES: Final = 16


class VectorFile:
    """The cache file of one encoder. It holds what the latest build used, so it never grows beyond a catalog."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[bytes, Vectors]:
        """Return the vectors by `key_of(text)`; empty if the file is missing or damaged."""
        try:
            content = load_file(self._path)
        except (FileNotFoundError, SafetensorError):
            return {}
        return dict(zip((key.tobytes() for key in content["keys"]), content["vectors"], strict=True))

    def write(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Replace the file atomically: a reader sees the old one or the new one."""
        keys = np.frombuffer(b"".join(key_of(text) for text in texts), dtype=np.uint8).reshape(-1, _KEY_BYTES)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        save_file({"keys": keys, "vectors": np.ascontiguousarray(vectors)}, fresh)
        fresh.replace(self._path)


def key_of(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest()
