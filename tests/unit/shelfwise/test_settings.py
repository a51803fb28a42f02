"""An invalid value is reported in a sentence that names the variable."""

import runpy
import sys

import pytest

from shelfwise.settings import ServiceSettings, WrongSetting
from shelfwise_pipeline.cli import app as cli


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "SHELFWISE_PORT: expected a valid integer, unable to parse string as an integer, found 'http'"),
        ("LOG_FORMAT", "text", "SHELFWISE_LOG_FORMAT: expected 'json' or 'console', found 'text'"),
        ("DRAIN_S", "-1", "SHELFWISE_DRAIN_S: expected greater than or equal to 0, found '-1'"),
    ],
)
def test_a_wrong_setting_names_what_was_expected_and_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"SHELFWISE_{name}", value)
    with pytest.raises(WrongSetting) as raised:
        ServiceSettings()
    assert str(raised.value) == said


def test_every_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_PORT", "0")
    monkeypatch.setenv("SHELFWISE_LOG_LEVEL", "loud")
    with pytest.raises(WrongSetting, match=r"SHELFWISE_PORT: .*; SHELFWISE_LOG_LEVEL: "):
        ServiceSettings()


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker", "gateway"])
def test_a_service_with_a_wrong_setting_does_not_start(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    monkeypatch.setenv("SHELFWISE_PORT", "http")
    monkeypatch.delitem(sys.modules, f"shelfwise_{service}.__main__", raising=False)
    with pytest.raises(SystemExit, match=f"the {service} cannot start: SHELFWISE_PORT: expected a valid integer"):
        runpy.run_module(f"shelfwise_{service}", run_name="__main__")


@pytest.mark.parametrize("service", ["retriever", "ranker"])
def test_an_invalid_database_address_stops_the_start_and_is_not_shown(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres//shop:secret@db/shop")
    monkeypatch.delitem(sys.modules, f"shelfwise_{service}.__main__", raising=False)
    with pytest.raises(SystemExit, match=f"the {service} cannot start: DATABASE_URL: expected an address like") as ended:
        runpy.run_module(f"shelfwise_{service}", run_name="__main__")
    assert "secret" not in str(ended.value)


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_a_bundles_address_of_an_unknown_protocol_stops_the_start(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    monkeypatch.setenv("SHELFWISE_BUNDLES", "s4://shop/bundles")
    monkeypatch.delitem(sys.modules, f"shelfwise_{service}.__main__", raising=False)
    with pytest.raises(SystemExit, match=f"the {service} cannot start: SHELFWISE_BUNDLES: expected .* 's4://shop/bundles'"):
        runpy.run_module(f"shelfwise_{service}", run_name="__main__")


def test_the_command_reports_a_wrong_setting_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELFWISE_DEMO", "tiny")
    monkeypatch.setattr(sys, "argv", ["shelfwise", "bundles"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "shelfwise: SHELFWISE_DEMO: expected 'full', 'small' or 'none', found 'tiny'" in capsys.readouterr().err
