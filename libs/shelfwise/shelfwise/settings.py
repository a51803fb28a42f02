"""The settings of every service from its environment."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SHELFWISE_"

Port = Annotated[int, Field(ge=1, le=65535)]


class WrongSetting(Exception):
    """A variable has a value that is not understood; the message names the variable, what was expected and what was found."""


def variable_of(name: str, field: FieldInfo) -> str:
    """The environment variable that the setting `name` is read from."""
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{PREFIX}{name.upper()}"


class EnvironmentSettings(BaseSettings):
    """Read once, at start. Raises WrongSetting."""

    @model_validator(mode="wrap")
    @classmethod
    def _understood(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            variables = {name: variable_of(name, field) for name, field in cls.model_fields.items()}
            raise WrongSetting("; ".join(_sentence(variables, dict(one)) for one in error.errors())) from None


def _sentence(variables: dict[str, str], error: dict[str, Any]) -> str:
    if not error["loc"]:  # concerns all of them together, and some are secrets
        return str(error["msg"])
    name = str(error["loc"][0])
    said = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "expected", 1)
    found = "" if "found" in said else f", found {error['input']!r}"
    return f"{variables.get(name, name)}: {said}{found}"


class ServiceSettings(EnvironmentSettings):
    """From the variables `SHELFWISE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Port = Field(8000, description="Port to listen on.")
    bundles: str = Field("var/bundles", description="Where bundles are published: a folder or any fsspec URL (s3://…).")
    bundle_cache: Path = Field(Path("var/cache/bundles"), description="Cache folder for parts of remote bundles.")
    bundle_poll_s: float = Field(2.0, gt=0, description="How often to check for a newly published bundle, in seconds.")
    log_format: Literal["json", "console"] = Field("json", description="Format of the log: one JSON object per line, or text.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is logged.")
    max_body_bytes: int = Field(
        1_048_576,
        ge=1024,
        description="Maximum size of a request body, in bytes; a larger one is refused with 413. A bulk write has a limit for "
        "each line instead.",
    )
    body_s: float = Field(
        10.0,
        gt=0,
        description="How long a request body, or the next piece of a bulk write, may take to arrive, in seconds.",
    )
    keep_alive_s: int = Field(
        75,
        ge=1,
        description="How long an idle connection is kept open, in seconds. If a load balancer is in front, set a longer time "
        "than its idle timeout (usually 60 s); otherwise it may send a request into a connection that is being closed.",
    )
    drain_s: int = Field(10, ge=0, description="How long open requests may continue after SIGTERM, in seconds.")
