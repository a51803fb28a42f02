"""The pipeline's settings from the environment."""

from pathlib import Path
from typing import Final, Literal

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.settings import PREFIX, EnvironmentSettings

MOST_DAYS: Final = 36_500
"""A hundred years. PostgreSQL has no moment before its first day."""


class PipelineSettings(EnvironmentSettings):
    """Settings, read once, at start, from `DATABASE_URL` and the variables `SHELFWISE_<NAME>`; an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL, the system of record. Without it, an embedded server below `SHELFWISE_VAR` is used.",
    )
    bundles: str = Field("var/bundles", description="Where bundles are published: a folder or any fsspec URL (s3://…).")
    var: Path = Field(Path("var"), description="Folder for the embedded database, caches and logs.")
    demo: Literal["full", "small", "none"] = Field(
        "full",
        description="Demo shop to import into an empty database: all of it, a tenth for a first look and for tests, or none. "
        "With `small`, builds train on a third of the questions, unless `SHELFWISE_TUNING_S` is set.",
    )
    keep_bundles: int = Field(
        3, ge=2, description="How many of the newest bundles to keep, besides the live one and the one before it."
    )
    prune_vectors_after_days: float = Field(
        7.0,
        ge=0,
        le=MOST_DAYS,
        description="A vector whose text no product has any more is deleted once it is older than this many days.",
    )
    learn_from_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="A build learns from the events of this many days before the newest event. Unset: from all events. After a "
        "change, run `shelfwise build --force`.",
    )
    events_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="Events older than this many days are deleted before every build and by `shelfwise prune`. Unset: kept "
        "forever.",
    )
    impressions_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="The same for impressions, of which there are ten times as many as of other events.",
    )
    encoder: str | None = Field(
        None,
        description="Checkpoint of the encoder: a folder or a Hugging Face hub id. It must be a BERT with GELU and mean "
        "pooling, as sentence-transformers saves it. Unset: the official all-MiniLM-L6-v2 of the installed package. After a "
        "change, run `shelfwise build --force`.",
    )
    tuning_s: float = Field(
        0.0,
        ge=0,
        description="How long a build searches for better parameters for each model of carts and shoppers, in seconds. It "
        "trains them on twelve times as many questions and chooses parameters on purchases that did not train the model. 0: a "
        "quick build with the usual parameters. Because of the time limit, two builds of the same data may differ.",
    )
    tune_encoder: bool = Field(
        False,
        description="Whether to tune the encoder itself on half of the judged queries that are used for training. This needs "
        "some 1,200 judged queries. The tuned encoder is used only if it orders the products of other judged queries better. "
        "Takes a quarter of an hour when judgements have changed; needs torch (`pip install shelfwise-pipeline[tuning]`).",
    )
