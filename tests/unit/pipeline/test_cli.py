"""What the command prints when something fails: a sentence, and exit code 1."""

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import psycopg
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file
from typer.testing import CliRunner

from shelfwise.bundle import BundleWriter
from shelfwise.errors import BundleMissing
from shelfwise.settings import WrongSetting
from shelfwise_pipeline.cli.app import app
from shelfwise_pipeline.cli.expected import sentence
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.settings import PipelineSettings


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (PipelineError("no rows"), "no rows"),
        (BundleMissing("no bundle"), "no bundle"),
        (psycopg.errors.AdminShutdown("terminating connection"), "the database failed: terminating connection"),
        (psycopg.InterfaceError(), "failed: InterfaceError"),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "free disk space at '/data/x', found: No space left"),
        (OSError(errno.ENOSPC, "No space left on device", "/from", None, "/to"), "free disk space at '/to', found: No space"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/var"), "write at '/data/var', found: Permission denied"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", Path("/data/file/postgres")), "at '/data/file/postgres', found"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/reports"), "at '/reports', found: Is a directory"),
        (FileExistsError(errno.EEXIST, "File exists", Path("/file")), "at '/file', found: File exists"),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device")]), "found: [Errno 28] No space left on device"),
    ],
)
def test_expected_errors_become_a_sentence(problem: Exception, said: str) -> None:
    assert said in (sentence(problem) or "")


def test_a_failure_to_write_vectors_becomes_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SafetensorError) as problem:
        save_file({"vectors": np.zeros(3, dtype=np.float32)}, tmp_path / "no such folder" / "vectors.safetensors")
    assert "I/O error" in (sentence(problem.value) or "")


@pytest.mark.parametrize("problem", [ValueError("what?"), FileNotFoundError(errno.ENOENT, "not there")])
def test_unexpected_errors_keep_their_traceback(problem: Exception) -> None:
    assert sentence(problem) is None


def test_damaged_bundles_and_those_of_another_release_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_BUNDLES", str(tmp_path))
    for version in ("v1", "v2", "v3"):
        with BundleWriter(str(tmp_path), version) as writer:
            writer.finish(data_fingerprint="f", last_change=7, encoder={}, catalog={}, features={}, evaluation={})
    manifest = tmp_path / "v1" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_number": 1}))
    (tmp_path / "v2" / "manifest.json").write_text("{")
    result = CliRunner().invoke(app, ["bundles"])
    assert result.exit_code == 0
    first, second, third = (next(line for line in result.output.splitlines() if f" v{n} " in line) for n in (1, 2, 3))
    assert "another release's" in first
    assert "damaged" in second
    assert not {"another", "damaged"} & set(third.split())


def test_an_empty_list_of_bundles_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_BUNDLES", f"{tmp_path}/bundels")
    result = CliRunner().invoke(app, ["bundles"])
    assert (result.exit_code, result.output) == (0, f"no bundle at {tmp_path}/bundels; `shelfwise build` makes one\n")


def test_an_empty_setting_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """compose.yaml passes a variable that nobody has set as an empty text."""
    monkeypatch.setenv("SHELFWISE_EVENTS_DAYS", "")
    assert PipelineSettings().events_days is None


@pytest.mark.parametrize("name", ["EVENTS_DAYS", "IMPRESSIONS_DAYS", "LEARN_FROM_DAYS", "PRUNE_VECTORS_AFTER_DAYS"])
@pytest.mark.parametrize("days", ["1e12", "3000000"])
def test_too_large_numbers_of_days_raise_wrong_setting(monkeypatch: pytest.MonkeyPatch, name: str, days: str) -> None:
    monkeypatch.setenv(f"SHELFWISE_{name}", days)
    with pytest.raises(WrongSetting, match=f"SHELFWISE_{name}: expected less than or equal to 36500, found '{days}'"):
        PipelineSettings()


@pytest.mark.parametrize("address", ["localhost:8000", "http://", "http://[::1"])
def test_recommend_rejects_an_invalid_url_before_it_asks_anything(tmp_path: Path, address: str) -> None:
    questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text('{"user_id": "17"}\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["recommend", str(questions), str(answers), "--url", address])
    assert result.exit_code == 2
    assert "expected an address such as" in result.output
    assert list(tmp_path.iterdir()) == [questions]
