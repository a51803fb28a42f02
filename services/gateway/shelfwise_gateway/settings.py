"""What the gateway can be told by its environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from shelfwise.clients.replicas import Addresses
from shelfwise.settings import ServiceSettings


def _a_file(path: Path) -> Path:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "none"
        raise ValueError(f"expected a file at {str(path)!r}, found {found}; mount it there, or name another one")
    return path


ExistingFile = Annotated[Path, AfterValidator(_a_file)]


class GatewaySettings(ServiceSettings):
    """Beside what every service can be told: the services behind, who may ask, and how much at the same time."""

    embedder_url: Addresses = Field("http://127.0.0.1:8101", description="Where the embedder listens.")
    retriever_url: Addresses = Field("http://127.0.0.1:8102", description="Where the retriever listens.")
    ranker_url: Addresses = Field("http://127.0.0.1:8103", description="Where the ranker listens.")
    api_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys that callers may use, in printable ASCII, separated by commas; none: the API is open, but not to "
        "other sites' pages.",
    )
    max_in_flight: int = Field(
        128, ge=1, description="Requests answered at the same time; one more is refused at once with 429."
    )
    max_bulk: int = Field(
        4, ge=1, description="Bulk writes of products at the same time; one more is refused at once with 429."
    )
    scenarios: ExistingFile | None = Field(
        None, description="A YAML file of scenarios to use instead of the ones that come along."
    )
    synonyms: ExistingFile | None = Field(
        None, description="A YAML file of synonyms: what else to look for when a text has certain words."
    )
    probe_s: float = Field(1.0, gt=0, description="How often the services behind are asked whether they are ready, in seconds.")
    breaker_failures: int = Field(5, ge=1, description="Failures in a row after which a replica is left alone.")
    breaker_open_s: float = Field(1.0, gt=0, description="For how long it is left alone, in seconds.")
    trending_s: float = Field(
        60.0,
        gt=0,
        description="How often the trending products are read that are shown while the retriever is out, in seconds.",
    )
    last_good_bytes: int = Field(8_388_608, ge=0, description="Memory for past answers, used while the retriever is out.")
    last_good_s: float = Field(3600.0, gt=0, description="For how long a past answer may be used, in seconds.")
