"""What the pipeline can be told by its environment."""

from pathlib import Path
from typing import Final, Literal

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shelfwise.settings import PREFIX, EnvironmentSettings

MOST_DAYS: Final = 36_500
"""A hundred years; before the first day that there is, PostgreSQL knows no moment."""


class PipelineSettings(EnvironmentSettings):
    """Read once, at start, from `DATABASE_URL` and the variables `SHELFWISE_<NAME>`; an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL, the system of record; without it an embedded server below `var` is used.",
    )
    bundles: str = Field("var/bundles", description="Where bundles are published: a folder, or any fsspec URL (s3://…).")
    var: Path = Field(Path("var"), description="Where the embedded database, caches and logs live.")
    demo: Literal["full", "small", "none"] = Field(
        "full",
        description="The demo shop that fills an empty database: all of it, a tenth that is quickly taught, for a first look "
        "and for tests, or none.",
    )
    keep_bundles: int = Field(
        3, ge=2, description="How many of the newest bundles are kept, beside the live one and the one before it."
    )
    prune_vectors_after_days: float = Field(
        7.0,
        ge=0,
        le=MOST_DAYS,
        description="Vectors of texts that no product has any more are deleted once they are so many days old.",
    )
    learn_from_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="A build learns from the events of so many days before the newest one; unset: from all that there are. "
        "After changing it: `shelfwise build --force`.",
    )
    events_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="Events that are older are deleted by every build and by `shelfwise prune`; unset: kept for ever.",
    )
    impressions_days: float | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="The same for impressions, of which there are ten times as many as of other events.",
    )
    encoder: str | None = Field(
        None,
        description="The encoder's checkpoint: a folder, or an id on the Hugging Face hub; unset: the official all-MiniLM-L6-v2"
        " of the installed package. As sentence-transformers saves them, a BERT with GELU and mean pooling. After changing it: "
        "`shelfwise build --force`.",
    )
    tuning_s: float = Field(
        0.0,
        ge=0,
        description="Seconds in which a build looks for better parameters of each model for carts and shoppers, on purchases "
        "that did not teach it, after asking twelve times as many questions; 0: a quick build with the usual parameters. With "
        "a limit of time, two builds of the same data may differ.",
    )
    tune_encoder: bool = Field(
        False,
        description="Whether half of the judged queries tune the encoder itself, where they are enough (some 1,200) and it "
        "then puts the products of others into a better order. Takes a quarter of an hour when judgements have changed; needs "
        "torch (`pip install shelfwise-pipeline[tuning]`).",
    )
