"""The ranker's settings from the environment."""

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.database.address import DatabaseUrl
from shelfwise.settings import PREFIX, Port, ServiceSettings


class RankerSettings(ServiceSettings):
    """Variables `SHELFWISE_<NAME>`, and `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    port: Port = Field(8103, description="Port to listen on.")
    ranker_queue: int = Field(
        64,
        ge=1,
        description="Number of requests that may wait or run; one more is refused at once with 429. Requests for reasons have "
        "a limit of their own, of the same size.",
    )
    database_url: DatabaseUrl | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL, where events are stored. Without it, the ranker still ranks, but has no histories and takes "
        "no events.",
    )
    ranker_database_connections: int = Field(4, ge=2, description="Maximum number of connections to PostgreSQL.")
    ranker_database_waiting: int = Field(
        64, ge=1, description="Number of requests that may wait for a connection; one more is refused at once with 429."
    )
    ranker_database_timeout_s: float = Field(
        2.0, gt=0, description="Time limit for a read, in seconds, even if the caller's deadline is later."
    )
    ranker_events_queue: int = Field(
        20_000, ge=1, description="Number of events that may wait to be written; more are refused at once with 429."
    )
    ranker_feature_log_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of the requests whose feature values are stored in PostgreSQL, to train from; 0: none.",
    )
    ranker_feature_log_days: float = Field(
        30.0, gt=0, le=36_500, description="How long these feature values are kept, in days."
    )
    ranker_feature_log_bytes: int = Field(
        16_777_216, ge=1024, description="Memory for feature values that wait to be written, in bytes; more are dropped."
    )
