"""What the embedder can be told by its environment."""

from pydantic import Field

from shelfwise.settings import Port, ServiceSettings
from shelfwise_embedder.engines.registry import EngineName


class EmbedderSettings(ServiceSettings):
    """`SHELFWISE_<NAME>`, as for every service."""

    port: Port = Field(8101, description="Port to listen on.")
    embedder_engine: EngineName = Field(
        "onnx", description="onnx serves; torch is the reference (extra `torch`); fake needs no weights."
    )
    embedder_threads: int = Field(1, ge=1, description="Compute threads of the engine.")
    embedder_torch_model: str | None = Field(
        None,
        description="Checkpoint of the torch engine, a hub id or a folder; by default the official one that the extra brings, "
        "where the bundle was built from that, else the hub id that the bundle names.",
    )
    embedder_query_batch_tokens: int = Field(
        16,
        ge=1,
        description="Padded tokens a batch of queries; a longer one is a batch of its own. On a processor the 8-bit model "
        "gains nothing from batches and loses what it pads; raise it for an engine that does gain.",
    )
    embedder_document_batch_tokens: int = Field(256, ge=1, description="The same for the texts of products.")
    embedder_inline_tokens: int = Field(
        32,
        ge=0,
        description="A batch of queries with so many tokens at most is computed on the event loop itself: it takes about a "
        "millisecond, and a thread would cost half of that. 0: never. The torch engine always takes a thread.",
    )
    embedder_waiting_query_tokens: int = Field(
        2_048, ge=1, description="Query tokens that may wait; beyond, a request is answered with 429 at once."
    )
    embedder_waiting_document_tokens: int = Field(
        16_384, ge=1, description="The same for the texts of products, and for queries where one request brings more than 16."
    )
    embedder_cache_bytes: int = Field(32 * 1024 * 1024, ge=0, description="Bytes of recent query vectors to keep.")
