"""Writes docs/settings.md from the settings classes: `python scripts/settings_docs.py docs/settings.md`."""

import sys
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from shelfwise.settings import ServiceSettings, variable_of
from shelfwise_embedder.settings import EmbedderSettings
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_ranker.settings import RankerSettings
from shelfwise_retriever.settings import RetrieverSettings

SECTIONS: tuple[tuple[str, type[BaseSettings]], ...] = (
    ("Every service", ServiceSettings),
    ("Gateway", GatewaySettings),
    ("Embedder", EmbedderSettings),
    ("Retriever", RetrieverSettings),
    ("Ranker", RankerSettings),
    ("The `shelfwise` command", PipelineSettings),
)

HEAD = """# Settings

All settings are environment variables, which are read once at start.

- If a value is invalid, the service or command does not start and says what it expected.
- If a name is not a setting but similar to one (`SHELFWISE_API_KEY`), you get a warning: in the service's log, or before
  the output of the command.

This page is generated from the code by `python scripts/settings_docs.py docs/settings.md`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    shared = ServiceSettings.model_fields
    for title, settings in SECTIONS:
        parts.append(f"\n## {title}\n\n| variable | default | meaning |\n|---|---|---|\n")
        for name, field in settings.model_fields.items():
            inherited = settings is not ServiceSettings and name in shared and name != "port"
            if not (inherited and issubclass(settings, ServiceSettings)):
                parts.append(f"| `{variable_of(name, field)}` | {_default(field)} | {_meaning(field)} |\n")
    return "".join(parts)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value is None or not str(value) else f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    said = field.description or ""
    if get_origin(field.annotation) is not Literal:
        return said
    return f"{said} One of {', '.join(f'`{value}`' for value in get_args(field.annotation))}."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
