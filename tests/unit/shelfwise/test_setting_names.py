"""A misspelt setting would silently keep its default, so it is reported; nothing else is."""

import re
import runpy
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from shelfwise.app import serve
from shelfwise.setting_names import SETTINGS, slips
from shelfwise.settings import PREFIX, ServiceSettings
from shelfwise_pipeline.cli import app as cli

ROOT = Path(__file__).parents[3]


def test_the_known_settings_are_those_of_the_documentation() -> None:
    documented = runpy.run_path(str(ROOT / "scripts" / "settings_docs.py"))["page"]()
    assert {f"{PREFIX}{name}" for name in SETTINGS} == set(re.findall(rf"^\| `({PREFIX}\w+)`", documented, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SHELFWISE_API_KEY", "SHELFWISE_API_KEYS"),
        ("SHELFWISE_KEEP_BUNDLE", "SHELFWISE_KEEP_BUNDLES"),
        ("SHELFWISE_EVENT_DAYS", "SHELFWISE_EVENTS_DAYS"),
        ("shelfwise_retreiver_url", "SHELFWISE_RETRIEVER_URL"),
    ],
)
def test_a_misspelt_setting_is_reported_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert slips([name, "PATH"]) == [f"{name.upper()} is not a setting and has no effect; did you mean {meant}?"]


def test_variables_that_are_not_misspelt_settings_are_not_reported() -> None:
    """Neither settings, nor what compose and the Makefile read, nor what Kubernetes sets for its services."""
    elsewhere = "".join((ROOT / file).read_text() for file in ("compose.yaml", "Makefile", "scripts/install_torch.sh"))
    used = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", elsewhere))
    assert used > {f"{PREFIX}EMBEDDER_EXTRAS", f"{PREFIX}PUBLISHED_PORT"}
    assert (
        slips([*used, *(f"{PREFIX}{name}" for name in SETTINGS), "SHELFWISE_GATEWAY_SERVICE_HOST", "SHELFWISE_SHARED_DATA"])
        == []
    )


def test_the_command_reports_a_misspelt_setting_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELFWISE_BUNDLES", str(tmp_path))
    monkeypatch.setenv("SHELFWISE_KEEP_BUNDLE", "5")
    monkeypatch.setattr(sys, "argv", ["shelfwise", "bundles"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "shelfwise: SHELFWISE_KEEP_BUNDLE is not a setting" in capsys.readouterr().err


def test_a_service_logs_a_misspelt_setting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    module = sys.modules["shelfwise.app.serve"]  # in the package, this name is the function
    for name in ("configure", "require_free_port", "spare_garbage_collection"):
        monkeypatch.setattr(module, name, lambda *_: None)
    monkeypatch.setattr(module.uvicorn, "run", lambda *_, **__: None)
    monkeypatch.setenv("SHELFWISE_API_KEY", "secret")
    serve("gateway", ServiceSettings, lambda _: FastAPI())
    assert "SHELFWISE_API_KEY is not a setting and has no effect; did you mean SHELFWISE_API_KEYS?" in caplog.messages
