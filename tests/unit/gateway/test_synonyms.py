"""What a shop's synonyms file adds to a text, and how the addition is used."""

from pathlib import Path

import pytest

from shelfwise.clients import Question
from shelfwise.clients.embedder import WireVectors
from shelfwise.contracts.synonyms import Synonym
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.synonyms import Synonyms
from tests.unit.gateway.asked import Gateway, ids
from tests.unit.gateway.catalog import Fakes

DEMO = Path(__file__).parents[3] / "pipeline" / "shelfwise_pipeline" / "demo" / "synonyms.yaml"

FILE = """
- [courgette, zucchini, Summer Squash]
- {from: [merlot, Rosé], to: [wine]}
- {from: [red wine], to: [claret]}
- {from: [pan, frying pan], to: [cookware]}
- {from: [pan], to: [bakeware]}
- {from: [everything], to: [one, two, three, four]}
- {from: [nappy, diaper], to: [diapers]}
- {from: [lacquers], to: [paints]}
- {from: [shepherd's purse], to: [herbs]}
- {from: [麻婆豆腐], to: [tofu]}
- {from: [without sugar], to: [sugar free]}
- [sugar, sucrose]
"""


@pytest.fixture
def synonyms(tmp_path: Path) -> Synonyms:
    return read(tmp_path, FILE)


def read(folder: Path, text: str) -> Synonyms:
    file = folder / "synonyms.yaml"
    file.write_text(text, encoding="utf-8")
    return Synonyms.load(file)


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("courgette", ["zucchini", "Summer Squash"]),
        ("two fresh ZUCCHINIS", ["courgette", "Summer Squash"]),
        ("summer squashes", ["courgette", "zucchini"]),
        ("rose", ["wine"]),
        ("dry rosés, please", ["wine"]),
        ("wine", []),  # one way
        ("merlot wines", []),  # it has the word already, in whatever form
        ("merlot or rosé", ["wine"]),
        ("red wine and merlot", ["claret"]),
        ("red", []),
        ("nappies", ["diapers"]),
        ("diaper", []),
        ("pan", ["cookware", "bakeware"]),
        ("frying pans", ["cookware"]),  # the shorter phrase, which is a part of the longer one, does not count
        ("everything", ["one", "two", "three"]),  # more would drown what was asked for
        ("frying-pan, courgette, merlot", ["cookware", "zucchini", "Summer Squash"]),  # the longest phrase first
        ("SHEPHERD’S purses", ["herbs"]),
        ("辣麻婆豆腐", ["tofu"]),
        ("nothing of it", []),
        ("!!!", []),
    ],
)
def test_the_synonyms_of_a_texts_words_are_added_to_the_question(synonyms: Synonyms, text: str, added: list[str]) -> None:
    asked = Question("text", text, correct=True)
    beside = synonyms.beside(asked)
    assert (beside.text, beside.also) == (text, added)
    assert beside.looked_for == " ".join([text, *added])


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("ratatouille without courgettes", []),
        ("pan without any frying pan, courgette", ["cookware", "bakeware", "zucchini"]),
        ("nappies w/o sugar for rosé", ["diapers", "wine"]),
        ("red without wine", []),
        ("chocolate without sugar", ["sugar free"]),  # "without sugar" is a phrase of the file, "sugar" is unwanted
        ("courgette without courgette seeds", ["zucchini", "Summer Squash"]),  # wanted where it stands first
        ("box of pans without pans", ["cookware", "bakeware"]),  # wanted and unwanted: nothing is asked to be absent
    ],
)
def test_the_synonyms_of_what_a_text_asks_to_be_without_are_not_added(synonyms: Synonyms, text: str, added: list[str]) -> None:
    assert synonyms.beside(Question("text", text)).also == added


def test_unwanted_words_that_a_synonym_has_are_not_taken_for_misspellings(synonyms: Synonyms) -> None:
    assert synonyms.beside(Question("text", "ratatouille without courgettes")).as_meant == ["without", "courgettes"]


def test_words_that_a_synonym_has_are_not_taken_for_misspellings(synonyms: Synonyms) -> None:
    assert synonyms.beside(Question("text", "Fresh merlots or wines")).as_meant == ["merlots", "wines"]
    assert synonyms.beside(Question("product", seeds=["1"])) == Question("product", seeds=["1"])
    assert Synonyms.load(None).beside(Question("text", "merlot")) == Question("text", "merlot")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"line 1: expected a list, found nothing"),
        ("a: b", r"line 1: expected a list, found dict"),
        ("- [one]", r"line 1: 1: .*at least 2 items"),
        ("- [one, two]\n- [three,\n   4]", r"line 3: 2\.1: Input should be a valid string, found 4"),
        ("- [one, two]\n- {from: [three]}", r"line 2: 2\.to: Field required"),
        ("- from: [three]\n  to: [four]\n  both: true", r"line 3: 1\.both: unknown field"),
        ("- from: three\n  to: [four]", r"line 1: 1\.from: .*valid list, found 'three'"),
        ("- [one, two]\n- three, four", r"line 2: 2: expected \[one, another\] or \{from: .*, found 'three, four'"),
        ("- {from: [], to: [four]}", r"line 1: 1\.from: .*at least 1 item"),
        ("- {from: [three], to: []}", r"line 1: 1\.to: .*at least 1 item"),
        (f"- [one, {'x' * 101}]", r"line 1: 1\.1: .*at most 100 characters"),
        ("- one\n" * 6, r"line 1: 1: .*; line 5: 5: [^;]*$"),
        ("- [one,\n   '!']", r"line 2: 1\.1: expected a word, found '!'"),
        ("- [one, two", r"line 1: expected YAML, found"),
    ],
)
def test_an_invalid_synonyms_file_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=rf"synonyms\.yaml.*{said}"):
        read(tmp_path, text)


def test_the_demo_shops_synonyms_file_can_be_loaded() -> None:
    shipped = Synonyms.load(DEMO)
    assert shipped.beside(Question("text", "coke")).also == ["soft drinks"]
    assert shipped.beside(Question("text", "Frying pans")).also == ["cookware"]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(Fakes(), Synonyms([Synonym(words=["lacquer"], also_searched=["nail paints"])]))


async def test_a_text_and_its_synonyms_are_sent_as_one_question(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="Lacquer", top_k=2, explain=True)
    assert answer.also_searched == ["nail paints"]
    assert answer.recommendations == (await gateway.ask(product_name="nail paints", top_k=2)).recommendations
    first = gateway.fakes.retriever.asked[0]
    assert (first.text, first.also, first.as_meant) == ("Lacquer", ["nail paints"], ["lacquer"])
    reason = answer.items[0].reason
    assert reason is not None
    assert reason.sentence == "matches Lacquer nail paints"  # the text that the ranker was sent
    assert (gateway.fakes.embedder.calls, gateway.fakes.retriever.calls) == (2, 2)
    assert "also_searched" not in (await gateway.ask(product_name="nail paints")).model_fields_set


async def test_a_corrected_text_has_its_own_synonyms(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded, embed = [], gateway.fakes.embedder.embed_query

    async def noted(text: str, deadline: Deadline) -> WireVectors:
        embedded.append(text)
        return await embed(text, deadline)

    monkeypatch.setattr(gateway.fakes.embedder, "embed_query", noted)
    gateway.fakes.retriever.corrections["laquer rde"] = "lacquer red"
    answer = await gateway.ask(product_name="laquer rde", top_k=1)
    assert (answer.corrected_query, answer.also_searched, ids(answer)) == ("lacquer red", ["nail paints"], ["1"])
    assert embedded == ["laquer rde", "lacquer red nail paints"]
    gateway.fakes.retriever.corrections["lacquer rde"] = "lacquer red"
    answer = await gateway.ask(product_name="lacquer rde", top_k=1)
    assert (answer.corrected_query, answer.also_searched, ids(answer)) == ("lacquer red", ["nail paints"], ["1"])
    gateway.fakes.retriever.corrections["lacquer laqr"] = "nail paint"
    answer = await gateway.ask(product_name="lacquer laqr", top_k=1)
    assert (answer.corrected_query, answer.also_searched) == ("nail paint", [])


async def test_a_text_searched_as_typed_has_no_synonyms(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="lacquer", as_typed=True)
    assert (answer.also_searched, answer.items) == ([], [])


async def test_the_last_good_answer_names_the_synonyms_too(gateway: Gateway) -> None:
    before = await gateway.ask(product_name="lacquer")
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    answer = await gateway.ask(product_name="LACQUER")
    assert (answer.degraded, answer.also_searched, ids(answer)[:1]) == (["last_good"], ["nail paints"], ids(before)[:1])


async def test_a_callers_own_list_is_reranked_with_the_synonyms_too(gateway: Gateway) -> None:
    listed = await gateway.rerank(product_name="lacquer", candidates=["7", "6", "1"])
    assert (listed.also_searched, ids(listed)) == (["nail paints"], ["1", "6", "7"])
    assert "also_searched" not in (await gateway.rerank(product_name="nail", candidates=["7"])).model_fields_set
