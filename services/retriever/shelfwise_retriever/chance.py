"""The similarity that a meaningless text reaches by chance with some product; lower similarities mean nothing."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shelfwise.errors import BundleDamaged

FILE = "chance.json"


class Chance(BaseModel):
    """`chance.json` of a bundle, measured when the bundle was built."""

    model_config = ConfigDict(frozen=True)

    dense: float = Field(allow_inf_nan=False)
    """The best `dense` score is below this for 99 of 100 texts of random letters."""


def read_chance(folder: Path) -> Chance | None:
    """The file's content; None for a bundle built before this was measured.

    Raises:
        BundleDamaged: the file has other content.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Chance.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
