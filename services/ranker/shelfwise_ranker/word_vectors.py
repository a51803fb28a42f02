"""The meaning of single words, as vectors: "soap" is close to "detergent", "pan" to "cookware"."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged

FILE = "words.parquet"
_COLUMN = "vector"


@dataclass(frozen=True)
class WordVectors:
    """[words + 1, dimension] by vocabulary number, of unit length. Zeros for PAD, and for sizes: "3" means something else than
    "4", though an encoder places them close to each other."""

    values: NDArray[np.float32]

    def of(self, numbers: NDArray[np.int32]) -> NDArray[np.float32]:
        """[numbers, dimension]; zeros for words that were added later."""
        return self.values[np.where(numbers < len(self.values), numbers, 0)]

    def save(self, folder: Path) -> None:
        """Write words.parquet, one row per word."""
        vectors = pl.Series(_COLUMN, self.values[1:], pl.Array(pl.Float32, self.values.shape[1]))
        vectors.to_frame().write_parquet(folder / FILE, compression="zstd")

    @classmethod
    def load(cls, folder: Path, words: int) -> "WordVectors | None":
        """Read what `save` wrote for a vocabulary of that many `words`; None if there is no such file.

        Raises:
            BundleDamaged: the file cannot be read, or belongs to another vocabulary.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            values = pl.read_parquet(path)[_COLUMN].to_numpy()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
        if values.ndim != 2 or len(values) != words:
            raise BundleDamaged(f"{FILE}: expected vectors of {words} words, found {len(values)}; build the bundle again")
        return cls(np.vstack([np.zeros((1, values.shape[1])), values]).astype(np.float32))
