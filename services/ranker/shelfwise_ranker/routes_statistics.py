"""POST /statistics: the counts of products. It tells an operator why a product is popular, and whether replicas agree."""

import numpy as np
from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, answer, body_of, json_body
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.statistics import StatisticsRequest, StatisticsResponse
from shelfwise_ranker.behavior import COLUMNS
from shelfwise_ranker.routes import served

router = APIRouter(route_class=DirectRoute, tags=["ranking"])


@router.post(
    "/statistics",
    summary="What is counted of products",
    response_model=StatisticsResponse,
    responses={status: {"model": ErrorBody} for status in (400, 413, 422, 503)},
    openapi_extra=json_body(StatisticsRequest.model_json_schema()),
)
async def statistics(request: Request) -> Response:
    """As the features see it; what depends on age alone may be a minute old."""
    ranker = served(request)
    asked = await body_of(request, StatisticsRequest)
    rows = ranker.table.rows(asked.product_ids)
    values = [
        [None if np.isnan(value) else value for value in line] if row >= 0 else None
        for row, line in zip(rows.tolist(), ranker.behavior.values[rows].tolist(), strict=True)
    ]
    return answer(StatisticsResponse.model_construct(bundle=ranker.version, columns=list(COLUMNS), values=values))
