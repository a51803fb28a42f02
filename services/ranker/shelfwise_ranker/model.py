"""One LightGBM model per kind of question, and the check that it was trained on the columns this code computes."""

from pathlib import Path

import lightgbm
import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise.errors import BundleDamaged, BundleMismatch
from shelfwise_ranker.features import registry
from shelfwise_ranker.stand_in import STAND_INS

FACTS_FILE = "models.json"


LISTED = "text-listed"
"""The name of the model for a text and a caller's own list of products. Only judgements teach one: most of what a search
finds is wrong, whereas a list was chosen by somebody, and the best orders of the two differ. So what shoppers do with search
results teaches nothing about lists either."""

KIND_OF: dict[str, QuestionKind] = {**{kind: kind for kind in registry.KINDS}, LISTED: "text"}
"""The kind of question of each model that a bundle may have, by the model's name."""


def name_of_model(kind: QuestionKind, *, listed: bool) -> str:
    """The name of the model for such a question, whether or not a bundle has it; `listed`: the candidates are the caller's
    own."""
    return LISTED if listed and kind == "text" else kind


def model_file(name: str) -> str:
    """The path, inside the ranker's part of a bundle, of the model with this name: a kind or LISTED."""
    return f"models/{name}.txt"


def trained_kinds(folder: Path) -> list[QuestionKind]:
    """The kinds of questions that a bundle has a model for; `text` and `product` are always among them.

    Raises:
        BundleDamaged: models.json is missing, unreadable, or lacks a kind that has no stand-in.
    """
    try:
        recorded = orjson.loads((folder / FACTS_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise BundleDamaged(f"{FACTS_FILE} cannot be read: {error!r}; build the bundle again") from error
    missing = [kind for kind in registry.KINDS if kind not in recorded and kind not in STAND_INS]
    if missing:
        raise BundleDamaged(f"{FACTS_FILE}: expected models of the kinds {missing}, found none; build the bundle again")
    return [kind for kind in registry.KINDS if kind in recorded]


def load_listed(folder: Path) -> "RankModel | None":
    """The bundle's model for a caller's own list, if it has one; raises like `RankModel.load`."""
    return RankModel.load(folder, "text", LISTED) if (folder / model_file(LISTED)).is_file() else None


class RankModel:
    """Trees over the columns of the registry. Safe to use from several threads; each call runs on one thread."""

    def __init__(self, kind: QuestionKind, booster: lightgbm.Booster) -> None:
        require_same_features(kind, booster.feature_name())
        self.kind = kind
        self._booster = booster
        splits = booster.feature_importance("split")
        self.used = frozenset(name for name, count in zip(booster.feature_name(), splits, strict=True) if count)
        """The columns that any tree splits on; the others cannot change a score."""
        ranges = booster.dump_model(num_iteration=1)["feature_infos"]  # only of columns that varied enough for a split
        self.told = self.used | {name for name, known in ranges.items() if known["min_value"] < known["max_value"]}
        """The columns that carried information in the last training or an earlier one, whether a tree uses them or not."""

    @classmethod
    def load(cls, folder: Path, kind: QuestionKind, name: str | None = None) -> "RankModel":
        """Read a model of a bundle; `name` says which one, if a kind has several.

        Raises:
            BundleDamaged: there is no model file, or LightGBM cannot read it.
            BundleMismatch: models.json or the model itself names other features than the registry, or in another order.
        """
        path = folder / model_file(name or kind)
        try:
            recorded = orjson.loads((folder / FACTS_FILE).read_bytes())[name or kind]["features"]
            booster = lightgbm.Booster(model_str=path.read_text())
        except (OSError, KeyError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise BundleDamaged(f"the model {path.name!r} cannot be read: {error!r}; build the bundle again") from error
        require_same_features(kind, recorded)
        return cls(kind, booster)

    @property
    def trees(self) -> int:
        return int(self._booster.num_trees())

    def as_text(self) -> str:
        """LightGBM's own text format, which `load` reads."""
        return str(self._booster.model_to_string())

    def scores(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """[candidates] higher is better; only the order and the differences within one request have a meaning."""
        if not len(matrix):
            return np.empty(0)
        return np.asarray(self._booster.predict(matrix, num_threads=1, raw_score=True))

    def contributions(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """[candidates, columns + 1] what each column added (TreeSHAP), and last the base; the sum of a row is its score.

        Costs about a hundred times as much as `scores`, so it is meant for the few candidates that are explained.
        """
        if not len(matrix):
            return np.empty((0, matrix.shape[1] + 1))
        return np.asarray(self._booster.predict(matrix, num_threads=1, pred_contrib=True))


def require_same_features(kind: QuestionKind, trained: list[str]) -> None:
    """Refuse a model that was trained on other columns than this code computes.

    Raises:
        BundleMismatch: with what is missing on either side, or the first place where the order differs.
    """
    computed = registry.names(kind)
    if trained == computed:
        return
    only_model = [name for name in trained if name not in computed]
    only_code = [name for name in computed if name not in trained]
    if only_model or only_code:
        difference = f"only the model has {only_model or 'none'}, only this code computes {only_code or 'none'}"
    else:
        place = next(i for i, (a, b) in enumerate(zip(trained, computed, strict=True)) if a != b)
        difference = f"in another order, first at {place}: the model has {trained[place]!r}, this code {computed[place]!r}"
    raise BundleMismatch(
        f"the {kind!r} model was trained on {len(trained)} features, this code computes {len(computed)}: {difference}; "
        "build the bundle with the same release as the services"
    )
