"""What the ranker can be told by its environment."""

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.database.address import DatabaseUrl
from shelfwise.settings import PREFIX, Port, ServiceSettings


class RankerSettings(ServiceSettings):
    """Variables `SHELFWISE_<NAME>`, and `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    port: Port = Field(8103, description="Port to listen on.")
    ranker_queue: int = Field(64, ge=1, description="Requests that may wait or run; one more is refused with 429 at once.")
    database_url: DatabaseUrl | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL, where events are kept; without it there is ranking, but no histories and no new events.",
    )
    ranker_database_connections: int = Field(4, ge=2, description="Connections to PostgreSQL, at most.")
    ranker_database_waiting: int = Field(
        64, ge=1, description="Requests that may wait for one of them; one more is refused with 429 at once."
    )
    ranker_database_timeout_s: float = Field(
        2.0, gt=0, description="After so long a read is given up, whatever the caller's deadline, in seconds."
    )
    ranker_events_queue: int = Field(
        20_000, ge=1, description="Events that may wait to be written; more are refused with 429 at once."
    )
    ranker_feature_log_share: float = Field(
        0.01, ge=0, le=1, description="Part of the requests whose feature values are kept in PostgreSQL to train from; 0: none."
    )
    ranker_feature_log_days: float = Field(30.0, gt=0, description="For how long they are kept, in days.")
    ranker_feature_log_bytes: int = Field(
        16_777_216, ge=1024, description="Memory for those that are still to be written; more are dropped."
    )
