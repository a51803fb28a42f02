"""What the retriever can be told by its environment."""

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.clients.replicas import Addresses
from shelfwise.database.address import DatabaseUrl
from shelfwise.settings import Port, ServiceSettings


class RetrieverSettings(ServiceSettings):
    """`SHELFWISE_<NAME>`, as for every service; and `DATABASE_URL`."""

    model_config = SettingsConfigDict(populate_by_name=True)

    port: Port = Field(8102, description="Port to listen on.")
    retriever_queue: int = Field(64, ge=1, description="Searches that may wait or run; one more is refused with 429 at once.")
    retriever_filter_bytes: int = Field(32 * 1024 * 1024, ge=0, description="Bytes of masks of recent filters to keep.")
    database_url: DatabaseUrl | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL, where products are written and whose changes are followed; without it the bundle is served "
        "as it is, and writes are refused.",
    )
    embedder_url: Addresses = Field(
        "http://127.0.0.1:8101", description="Where the embedder listens; asked for vectors of new texts."
    )
    retriever_poll_s: float = Field(0.1, gt=0, description="How often the catalog's change log is looked at, in seconds.")
