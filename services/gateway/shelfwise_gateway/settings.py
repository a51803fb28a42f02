"""The gateway's settings, read from the environment."""

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
    """Besides the settings of every service: the services behind, who may ask, and how much at the same time."""

    embedder_url: Addresses = Field(
        "http://127.0.0.1:8101", description="URL of the embedder, or of each replica, separated by commas."
    )
    retriever_url: Addresses = Field("http://127.0.0.1:8102", description="The same for the retriever.")
    ranker_url: Addresses = Field("http://127.0.0.1:8103", description="The same for the ranker.")
    api_keys: SecretStr = Field(
        SecretStr(""),
        description="API keys that callers may use: printable ASCII, separated by commas. Without keys the API is open; "
        "only requests from web pages of other sites are refused, unless they are GET requests.",
    )
    max_in_flight: int = Field(
        128,
        ge=1,
        description="Maximum number of requests answered at the same time; one more is refused at once with 429. Calls of "
        "/events and /users have a limit of their own, of the same size.",
    )
    max_bulk: int = Field(
        4, ge=1, description="Maximum number of bulk writes at the same time; one more is refused at once with 429."
    )
    scenarios: ExistingFile | None = Field(None, description="YAML file with your own scenarios. It replaces the shipped one.")
    synonyms: ExistingFile | None = Field(
        None, description="YAML file with synonyms: what else to search for if a text has certain words."
    )
    probe_s: float = Field(1.0, gt=0, description="How often to ask the other services whether they are ready, in seconds.")
    breaker_failures: int = Field(
        5, ge=1, description="Number of failures in a row after which a replica gets no requests for a while."
    )
    breaker_open_s: float = Field(1.0, gt=0, description="How long such a replica gets no requests, in seconds.")
    trending_s: float = Field(
        60.0,
        gt=0,
        description="How often to read the trending products, in seconds. They are shown while the retriever is down.",
    )
    last_good_bytes: int = Field(
        8_388_608, ge=0, description="Memory for past answers, in bytes. They are used while the retriever is down."
    )
    last_good_s: float = Field(3600.0, gt=0, description="How long a past answer may be used, in seconds.")
