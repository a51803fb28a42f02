"""The embedder's settings, read from the environment."""

from pydantic import Field

from shelfwise.settings import Port, ServiceSettings
from shelfwise_embedder.engines.registry import EngineName


class EmbedderSettings(ServiceSettings):
    """`SHELFWISE_<NAME>`, as for every service."""

    port: Port = Field(8101, description="Port to listen on.")
    embedder_engine: EngineName = Field(
        "onnx", description="`onnx` for serving, `torch` as the reference (extra `torch`), `fake` without weights."
    )
    embedder_threads: int = Field(1, ge=1, description="Number of compute threads of the engine.")
    embedder_torch_model: str | None = Field(
        None,
        description="Checkpoint for the torch engine: a Hugging Face hub id or a folder. Default: the hub id that the bundle "
        "names or, if the bundle was built from the official checkpoint, the copy of it that the extra installs.",
    )
    embedder_query_batch_tokens: int = Field(
        16,
        ge=1,
        description="Maximum number of tokens in a batch of queries, padding included. A longer query is a batch of its own. "
        "On a CPU, the 8-bit model gains nothing from batches and loses time on padding. Raise the limit for an engine that "
        "gains from batches.",
    )
    embedder_document_batch_tokens: int = Field(256, ge=1, description="The same for product texts.")
    embedder_inline_tokens: int = Field(
        32,
        ge=0,
        description="A batch of queries with at most this many tokens is computed on the event loop itself. That takes about a "
        "millisecond; a thread would add half of that. 0: never. The torch engine always uses a thread.",
    )
    embedder_waiting_query_tokens: int = Field(
        2_048, ge=1, description="Number of query tokens that may wait; beyond it, a request is refused at once with 429."
    )
    embedder_waiting_document_tokens: int = Field(
        16_384,
        ge=1,
        description="The same for product texts and, counted separately, for the queries of requests with more than 16 "
        "different ones.",
    )
    embedder_cache_bytes: int = Field(32 * 1024 * 1024, ge=0, description="Memory for recent query vectors, in bytes.")
