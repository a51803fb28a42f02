"""GET /scenarios and GET /synonyms: what the shop's own files say."""

from fastapi import APIRouter, Request, Response

from shelfwise.app import answer
from shelfwise.contracts.scenarios import ScenarioList
from shelfwise.contracts.synonyms import SynonymList
from shelfwise_gateway.openapi import bearer, errors
from shelfwise_gateway.state import state_of

scenario_router = APIRouter(tags=["recommendations"])


@scenario_router.get(
    "/scenarios",
    summary="List the scenarios that you can ask for by name",
    response_model=ScenarioList,
    responses=errors(401),
    dependencies=[bearer],
)
async def scenarios(request: Request) -> Response:
    """Shows each scenario's name, what it answers, and what a request for it must have."""
    state = state_of(request)
    state["keys"].require(request)
    return answer(state["scenarios"].described(state["recommender"].missing_pins))


@scenario_router.get(
    "/synonyms",
    summary="List the synonyms: what else is searched if a text has certain words",
    response_model=SynonymList,
    responses=errors(401),
    dependencies=[bearer],
)
async def synonyms(request: Request) -> Response:
    """Words that shoppers use and the catalog does not. The `also_searched` of an answer says which synonyms were used."""
    state = state_of(request)
    state["keys"].require(request)
    return answer(SynonymList(synonyms=state["synonyms"].entries))
