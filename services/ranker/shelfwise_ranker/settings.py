"""What the ranker can be told by its environment."""

from pathlib import Path

from pydantic import Field

from shelfwise.settings import Port, ServiceSettings


class RankerSettings(ServiceSettings):
    """Variables `SHELFWISE_<NAME>`."""

    port: Port = Field(8103, description="Port to listen on.")
    ranker_queue: int = Field(64, ge=1, description="Requests that may wait or run; one more is refused with 429 at once.")
    ranker_feature_log: Path | None = Field(None, description="File for sampled requests and their features; off without.")
    ranker_feature_log_share: float = Field(0.01, gt=0, le=1, description="Part of the requests that is logged.")
    ranker_feature_log_bytes: int = Field(67_108_864, ge=1024, description="Size at which the feature log takes no more.")
