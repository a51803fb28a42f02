"""GET /scenarios: what may be asked by name."""

from fastapi import APIRouter, Request, Response

from shelfwise.app import answer
from shelfwise.contracts.scenarios import ScenarioList
from shelfwise_gateway.openapi import bearer, errors

scenario_router = APIRouter(tags=["recommendations"])


@scenario_router.get(
    "/scenarios",
    summary="What may be asked by name",
    response_model=ScenarioList,
    responses=errors(401),
    dependencies=[bearer],
)
async def scenarios(request: Request) -> Response:
    """Each scenario's name, what it answers, and what a request for it must carry."""
    state = request.state
    state.keys.require(request)
    return answer(state.scenarios.described(state.recommender.missing_pins))
