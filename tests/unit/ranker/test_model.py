"""A model is used only with the features it was trained on."""

import shutil
from pathlib import Path

import orjson
import pytest

from shelfwise.errors import BundleDamaged, BundleMismatch
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import FACTS_FILE, RankModel, require_same_features
from shelfwise_ranker.rank import Ranker


def test_a_model_trained_on_the_registrys_features_is_accepted() -> None:
    for kind in registry.KINDS:
        require_same_features(kind, registry.names(kind))


def test_a_feature_mismatch_names_the_features_missing_on_either_side() -> None:
    trained = ["gone_feature", *registry.names("text")[1:]]
    with pytest.raises(BundleMismatch) as refused:
        require_same_features("text", trained)
    assert "only the model has ['gone_feature']" in refused.value.message
    assert f"only this code computes ['{registry.names('text')[0]}']" in refused.value.message


def test_features_in_another_order_raise_bundle_mismatch() -> None:
    names = registry.names("text")
    with pytest.raises(BundleMismatch, match="in another order, first at 0"):
        require_same_features("text", [names[1], names[0], *names[2:]])


def test_a_bundle_with_other_features_is_refused(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "r")
    facts = orjson.loads((tmp_path / "r" / FACTS_FILE).read_bytes())
    facts["product"]["features"].append("margin")
    (tmp_path / "r" / FACTS_FILE).write_bytes(orjson.dumps(facts))
    with pytest.raises(BundleMismatch, match="margin"):
        Ranker.open(tmp_path / "r")


def test_a_model_file_with_other_features_is_refused_whatever_models_json_says(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "r")
    path = tmp_path / "r" / "models" / "text.txt"
    path.write_text(path.read_text().replace("dense_score", "thick_score"))
    with pytest.raises(BundleMismatch, match="thick_score"):
        Ranker.open(tmp_path / "r")


@pytest.mark.parametrize("content", [None, "not a model"])
def test_a_missing_or_broken_model_file_raises_bundle_damaged(built: Path, tmp_path: Path, content: str | None) -> None:
    shutil.copytree(built, tmp_path / "r")
    path = tmp_path / "r" / "models" / "text.txt"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(BundleDamaged, match=r"text\.txt"):
        RankModel.load(tmp_path / "r", "text")
