"""POST /events, POST /events/retract, POST /users/merge and DELETE /users/{user_id} at the gateway."""

from typing import Any

import pytest
from pydantic import SecretStr

from shelfwise.errors import (
    DatabaseUnavailable,
    DeadlineExceeded,
    InvalidRequest,
    Overloaded,
    ShelfwiseError,
    UpstreamUnavailable,
)
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.support.living import event
from tests.unit.gateway.catalog import Fakes, history


async def test_events_are_stored_once_and_their_shopper_can_be_merged_and_erased() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        taken = await client.post("/events", json=[event("e1", session_id="s1"), event("e2", user_id="a/b")])
        again = await client.post("/events", json=event("e1", session_id="s1"))
        merged = await client.post("/users/merge", json={"session_id": "s1", "user_id": "a/b"})
        erased = await client.delete("/users/a%2Fb")
    assert (taken.status_code, taken.json()["accepted"]) == (202, 2)
    assert (again.status_code, again.json()["duplicates"]) == (202, 1)
    assert (merged.status_code, merged.json()) == (200, {"events": 1})
    assert (erased.status_code, erased.json()["events"]) == (200, 2)
    assert fakes.events.stored == {}


async def test_erasing_a_user_id_with_a_line_end_erases_no_other_user() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        told = {"e1": "ann", "e2": "ann\n", "e3": "\nann\r\nb"}
        await client.post("/events", json=[event(event_id, user_id=user_id) for event_id, user_id in told.items()])
        assert (await client.delete("/users/ann%0A")).json()["events"] == 1
        assert list(fakes.events.stored) == ["e1", "e3"]
        assert (await client.delete("/users/%0Aann%0D%0Ab")).json()["events"] == 1
        assert list(fakes.events.stored) == ["e1"]


@pytest.mark.parametrize("method", ["DELETE", "GET"])
async def test_the_access_log_does_not_contain_the_id_of_an_erased_user(method: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "shelfwise.access")
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        await client.request(method, "/users/ann-17")
    (line,) = [vars(record) for record in caplog.records if record.name == "shelfwise.access"]
    assert (line["method"], line["path"]) == (method, "/users/{user_id:text}")


async def test_retracted_events_cannot_be_sent_again() -> None:
    fakes = Fakes()
    asked = {"event_ids": ["e1", "e2", "e1"]}
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        await client.post("/events", json=[event("e1"), event("e3")])
        answers = [await client.post("/events/retract", json=asked) for _ in range(2)]
        again = await client.post("/events", json=[event("e1"), event("e2")])
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"retracted": 1, "already_retracted": 0, "unknown_events": ["e2"]}),
        (200, {"retracted": 0, "already_retracted": 1, "unknown_events": ["e2"]}),
    ]
    assert again.json()["duplicates"] == 2
    assert list(fakes.events.stored) == ["e3"]


@pytest.mark.parametrize("fault", [InvalidRequest("[3].type: …"), Overloaded("full"), DatabaseUnavailable("away")])
async def test_errors_of_the_ranker_are_passed_on(fault: ShelfwiseError) -> None:
    fakes = Fakes()
    fakes.events.fault = fault
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        retracted = await client.post("/events/retract", json={"event_ids": ["e1"]})
        answers = [await client.post("/events", json=event("e1")), retracted, await client.delete("/users/u1")]
        asked = await client.post("/recommend", json={"product_name": "nail paints"})
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (fault.status, fault.code)
        assert answer.json()["error"]["message"] == fault.message
    assert asked.status_code == 200


@pytest.mark.parametrize("fault", [None, DeadlineExceeded("erased, and told too late")])
async def test_past_answers_of_an_erased_user_are_not_given_again(fault: ShelfwiseError | None) -> None:
    fakes = Fakes()
    fakes.ranker.histories = {"ann": history(("6", 1, 0))}
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        asked = {"user_id": "ann", "scenario": "buy-again"}
        assert (await client.post("/recommend", json=asked)).json()["recommendations"] == ["Nail file"]
        fakes.events.fault = fault
        await client.delete("/users/ann")
        fakes.retriever.fault = UpstreamUnavailable("down")
        assert (await client.post("/recommend", json=asked)).status_code == 503


async def test_the_gateway_itself_checks_keys_and_bodies() -> None:
    settings = GatewaySettings(api_keys=SecretStr("key"), max_body_bytes=1024)
    known = {"authorization": "Bearer key"}
    fakes = Fakes()
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/events", {"json": event("e1")}),
        ("POST", "/events/retract", {"json": {"event_ids": ["e1"]}}),
        ("POST", "/users/merge", {"json": {"session_id": "s", "user_id": "u"}}),
        ("DELETE", "/users/u1", {}),
    ]
    async with service_client(create_app(settings, fakes.connect)) as client:
        for method, path, body in calls:
            assert (await client.request(method, path, **body)).status_code == 401
            assert (await client.request(method, path, headers=known, **body)).status_code in (200, 202)
        too_large = await client.post("/events", json=[event(f"e{n}") for n in range(20)], headers=known)
        wrong = await client.post("/users/merge", json={"session_id": "s"}, headers=known)
        none = await client.post("/events/retract", json={"event_ids": []}, headers=known)
        too_long = await client.delete("/users/" + "x" * 201, headers=known)
    assert (too_large.status_code, wrong.status_code, none.status_code, too_long.status_code) == (413, 422, 422, 422)
