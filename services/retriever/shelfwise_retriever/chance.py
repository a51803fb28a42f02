"""How near in meaning a text that means nothing gets to some product: nearness below it says nothing."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shelfwise.errors import BundleDamaged

FILE = "chance.json"


class Chance(BaseModel):
    """`chance.json` of a bundle, measured when it was built."""

    model_config = ConfigDict(frozen=True)

    dense: float = Field(allow_inf_nan=False)
    """What the best score of the source `dense` is below for 99 of 100 texts of random letters."""


def read_chance(folder: Path) -> Chance | None:
    """None in a bundle that was built before this was measured.

    Raises:
        BundleDamaged: the file says something else.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Chance.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
