"""A wrong setting ends the start with a sentence, not with a traceback."""

from pathlib import Path

import pytest

from shelfwise_gateway.__main__ import main


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SHELFWISE_RANKER_URL", "ranker:8103", "SHELFWISE_RANKER_URL: expected an address like http://.* found 'ranker:8103'"),
        ("SHELFWISE_RETRIEVER_URL", " , ", "SHELFWISE_RETRIEVER_URL: expected at least one address"),
        ("SHELFWISE_MAX_IN_FLIGHT", "0", "SHELFWISE_MAX_IN_FLIGHT: expected greater than or equal to 1, found '0'$"),
        ("SHELFWISE_API_KEYS", "first, schlüssel", "SHELFWISE_API_KEYS: expected keys of printable ASCII .* key number 2;"),
        ("SHELFWISE_API_KEYS", "first,a\tb", "SHELFWISE_API_KEYS: expected keys of printable ASCII"),
        ("SHELFWISE_API_KEYS", " , \n", "SHELFWISE_API_KEYS: expected keys separated by commas, found only blanks or commas"),
        ("SHELFWISE_SCENARIOS", "no/file.yaml", "SHELFWISE_SCENARIOS: expected a file at 'no/file.yaml', found none; mount it"),
        ("SHELFWISE_SYNONYMS", "no/file.yaml", "SHELFWISE_SYNONYMS: expected a file at 'no/file.yaml', found none; mount it"),
        ("SHELFWISE_SCENARIOS", "/", "SHELFWISE_SCENARIOS: expected a file at '/', found a folder"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_a_message(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"the gateway cannot start: (.|\n)*{said}"):
        main()


def test_an_invalid_scenarios_file_ends_the_start_with_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("search: {question: text}")
    monkeypatch.setenv("SHELFWISE_SCENARIOS", str(file))
    with pytest.raises(SystemExit, match="expected a scenario for the questions \\['product'\\]"):
        main()
