"""What the retriever can be told by its environment."""

from pydantic import Field

from shelfwise.settings import Port, ServiceSettings


class RetrieverSettings(ServiceSettings):
    """`SHELFWISE_<NAME>`, as for every service."""

    port: Port = Field(8102, description="Port to listen on.")
    retriever_queue: int = Field(64, ge=1, description="Searches that may wait or run; one more is refused with 429 at once.")
    retriever_filter_bytes: int = Field(32 * 1024 * 1024, ge=0, description="Bytes of masks of recent filters to keep.")
