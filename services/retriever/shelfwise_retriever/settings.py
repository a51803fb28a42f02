"""The retriever's settings, read from the environment."""

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.clients.replicas import Addresses
from shelfwise.database.address import DatabaseUrl
from shelfwise.settings import Port, ServiceSettings


class RetrieverSettings(ServiceSettings):
    """`SHELFWISE_<NAME>`, as for every service; and `DATABASE_URL`."""

    model_config = SettingsConfigDict(populate_by_name=True)

    port: Port = Field(8102, description="Port to listen on.")
    retriever_queue: int = Field(
        64, ge=1, description="Number of searches that may wait or run; one more is refused at once with 429."
    )
    retriever_filter_bytes: int = Field(32 * 1024 * 1024, ge=0, description="Memory for the masks of recent filters, in bytes.")
    database_url: DatabaseUrl | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL: the retriever writes products there and follows its change log. Without it, the retriever "
        "serves the bundle as it is and refuses writes.",
    )
    embedder_url: Addresses = Field(
        "http://127.0.0.1:8101",
        description="URL of the embedder, or of each replica, separated by commas. It computes the vectors of new texts.",
    )
    retriever_poll_s: float = Field(0.1, gt=0, description="How often to check the catalog's change log, in seconds.")
