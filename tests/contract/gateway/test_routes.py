"""Everything but /recommend: products, keys, health, pages, and the published description."""

import asyncio
import re
from pathlib import Path

import httpx
import orjson
import pytest
from pydantic import SecretStr

from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.product import Product
from shelfwise.contracts.scenarios import ScenarioList
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.app import create_app
from shelfwise_gateway.describe import description
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.unit.gateway.catalog import Fakes

ROOT = Path(__file__).parents[3]
QUESTION = {"product_name": "nail paints"}


async def test_a_product_is_returned_by_its_id_and_an_unknown_one_not_found() -> None:
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        found = Product.model_validate_json((await client.get("/products/1")).content)
        missing = await client.get("/products/nobody")
        too_long = await client.get("/products/" + "x" * 201)
        slashed = await client.get("/products/a%2Fb")
    assert slashed.json()["error"]["message"] == "expected the id of a product in the catalog, found 'a/b'"
    assert (found.title, found.price) == ("Red nail paints", 4.5)
    assert missing.status_code == 404
    assert ErrorBody.model_validate_json(missing.content).error.code == "unknown_product"
    assert (too_long.status_code, too_long.json()["error"]["code"]) == (422, "invalid_request")


async def test_every_listed_scenario_can_be_asked_for_by_name() -> None:
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        answer = await client.get("/scenarios")
        scenarios = ScenarioList.model_validate_json(answer.content).scenarios
        assert [scenario.name for scenario in scenarios][:3] == ["search", "similar", "bought-together"]
        example = {"product_name": "nail", "product_id": "1", "cart": ["1"]}
        for scenario in scenarios:
            asked = {field: example[field] for field in scenario.takes[:1]}
            shopper = {"user_id": "7"} if scenario.shopper in {"expected", "essential"} else {}
            answer = await client.post("/recommend", json={"scenario": scenario.name, **asked, **shopper})
            assert answer.status_code == 200, answer.text
            assert answer.json()["scenario"] == scenario.name


async def test_scenarios_lists_pins_that_are_not_in_the_catalog(tmp_path: Path) -> None:
    said = "sale: {question: text, pins: [{product_id: gone, position: 1}]}\nsimilar: {question: product}\n"
    (tmp_path / "scenarios.yaml").write_text(said)
    settings = GatewaySettings(scenarios=tmp_path / "scenarios.yaml")
    async with service_client(create_app(settings, Fakes().connect)) as client:
        await client.post("/recommend", json={"product_name": "nail"})
        sale, similar = ScenarioList.model_validate_json((await client.get("/scenarios")).content).scenarios
    assert (sale.missing_pins, similar.missing_pins) == (["gone"], [])


async def test_the_shops_synonyms_are_listed_and_searched_for(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.yaml"
    file.write_text("- [lacquer, paints]\n- {from: [crisps], to: [chips]}")
    async with service_client(create_app(GatewaySettings(synonyms=file), Fakes().connect)) as client:
        assert (await client.get("/synonyms")).json() == {
            "synonyms": [
                {"words": ["lacquer", "paints"], "also_searched": ["lacquer", "paints"]},
                {"words": ["crisps"], "also_searched": ["chips"]},
            ]
        }
        answer = (await client.post("/recommend", json={"product_name": "Crisps"})).json()
        assert (answer["recommendations"], answer["also_searched"]) == (["Potato chips"], ["chips"])
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        assert (await client.get("/synonyms")).json() == {"synonyms": []}


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic first", "first", "Bearer first,second"])
async def test_requests_without_a_known_key_are_unauthorized(given: str | None) -> None:
    settings = GatewaySettings(api_keys=SecretStr("first, second"))
    headers = {} if given is None else {"authorization": given}
    async with service_client(create_app(settings, Fakes().connect)) as client:
        for answer in (
            await client.post("/recommend", json=QUESTION, headers=headers),
            await client.post("/rerank", json={**QUESTION, "candidates": ["1"]}, headers=headers),
            await client.get("/scenarios", headers=headers),
            await client.get("/synonyms", headers=headers),
            await client.get("/products/1", headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("given", ["Bearer first", "bearer second", "Bearer  second "])
async def test_any_of_the_known_keys_is_accepted(given: str) -> None:
    settings = GatewaySettings(api_keys=SecretStr("first, second"))
    async with service_client(create_app(settings, Fakes().connect)) as client:
        answer = await client.post("/recommend", json=QUESTION, headers={"authorization": given})
        assert answer.status_code == 200
        assert (await client.get("/livez")).status_code == 200, "health needs no key"


@pytest.mark.parametrize(("site", "status"), [("cross-site", 401), ("same-site", 200), ("same-origin", 200), ("none", 200)])
async def test_an_open_api_refuses_posts_from_pages_of_other_sites(site: str, status: int) -> None:
    """Any page may have the browser post plain text, without asking, to any host that the browser reaches."""
    asked = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "content-type": "text/plain"}
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        assert (await client.post("/recommend", content=orjson.dumps(QUESTION), headers=asked)).status_code == status
        assert (await client.get("/scenarios", headers=asked)).status_code == 200, "as a link leads there"
    settings = GatewaySettings(api_keys=SecretStr("first"))
    async with service_client(create_app(settings, Fakes().connect)) as client:
        asked["authorization"] = "Bearer first"
        assert (await client.post("/recommend", json=QUESTION, headers=asked)).status_code == 200


def test_printed_settings_do_not_show_the_keys() -> None:
    assert "first" not in repr(GatewaySettings(api_keys=SecretStr("first")))


async def test_readiness_depends_on_the_retriever_and_not_on_the_ranker() -> None:
    fakes = Fakes()
    fakes.retriever.fault = UpstreamUnavailable("nobody there")
    async with service_client(create_app(GatewaySettings(probe_s=0.01), fakes.connect)) as client:
        answer = await _until(client, 503, "retriever: nobody there")
        assert answer.json()["error"]["code"] == "not_ready"
        assert (await client.get("/version")).json()["bundle"] is None
        fakes.retriever.fault = None
        fakes.ranker.fault = UpstreamUnavailable("gone")
        answer = await _until(client, 200, "ranker: gone")
        assert answer.json() == {"ready": True, "bundle": "fake-1", "problem": "ranker: gone"}
        assert (await client.get("/version")).json()["bundle"] == "fake-1"


async def _until(client: httpx.AsyncClient, status: int, said: str) -> httpx.Response:
    for _ in range(200):
        answer = await client.get("/readyz")
        if answer.status_code == status and said in answer.text:
            return answer
        await asyncio.sleep(0.01)
    raise AssertionError(f"expected {status} and {said!r}, found {answer.status_code} and {answer.text}")


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_load_nothing_from_other_hosts(path: str) -> None:
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        page = await client.get(path)
        assert page.status_code == (await client.head(path)).status_code == 200
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
        addresses = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
        assert addresses
        for address in addresses:
            assert address.startswith("/")
            file = await client.get(address)
            assert file.status_code == 200, address
            assert file.headers.get("cache-control") == "no-cache", "an update would mix the new page with scripts from before"
        assert not re.search(r"<script>|<style|style=|onclick", page.text), "the policy would forbid it"


async def test_the_description_covers_the_bodies_that_routes_parse_themselves() -> None:
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        openapi = (await client.get("/openapi.json")).json()
    schemas = openapi["components"]["schemas"]
    operation = openapi["paths"]["/recommend"]["post"]
    asked = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert asked == "#/components/schemas/RecommendRequest"
    assert schemas["RecommendRequest"]["examples"][0] == {"product_name": "nail paints", "top_k": 5}
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert answered == "#/components/schemas/RecommendResponse"
    assert {"400", "401", "404", "413", "422", "429", "503", "504"} <= operation["responses"].keys()
    for path in openapi["paths"].values():
        for method in path.values():
            for status, response in method["responses"].items():
                if status >= "400":
                    assert response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/ErrorBody"
    statuses = {
        (path, method): set(said["responses"]) for path, methods in openapi["paths"].items() for method, said in methods.items()
    }
    assert statuses["/readyz", "get"] == {"200", "503"}
    without_body = {"200", "401", "404", "409", "422", "429", "503", "504"}
    assert statuses["/products/{product_id}", "delete"] == without_body
    assert statuses["/products/{product_id}", "put"] == without_body - {"404"} | {"400", "408", "413"}
    references = set(re.findall(r"#/components/schemas/(\w+)", str(openapi)))
    assert references <= schemas.keys()


def test_docs_openapi_json_matches_the_code() -> None:
    published = (ROOT / "docs" / "openapi.json").read_bytes()
    assert description(create_app(GatewaySettings())) == published, (
        "docs/openapi.json differs from the code; write it anew: python -m shelfwise_gateway.describe docs/openapi.json"
    )
