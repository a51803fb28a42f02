"""Renders a proposed map as YAML to read, edit and keep."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import yaml

from shelfwise_pipeline.importing.files import SourceFile

SHOWN_CHARACTERS = 50
COMMENT_AT = 48


def rendered(entries: dict[str, Any], file: SourceFile, values: dict[str, pl.Series], missing: Sequence[str]) -> str:
    """Return the map as YAML. `values`: the contents of each column, for the comments; `missing`: required fields without a
    column."""
    lines = [f"# proposed from the first rows of {file.path.name}; check it, correct it, save it"]
    lines += [f"kind: {entries['kind']}"]
    if "one_per" in entries:
        lines.append(_commented(f"one_per: {_inline(entries['one_per'])}", "many lines for one product"))
    if "fill" in entries:
        lines.append(_commented(f"fill: {_inline(entries['fill'])}", "further rows of a product leave these out"))
    if "refuse" in entries:
        lines += ["refuse:", *(f"  - {_inline(refusal)}" for refusal in entries["refuse"])]
    lines.append("fields:")
    lines += [
        _commented(f"  {field}: {_inline(source)}", _examples(source, values)) for field, source in entries["fields"].items()
    ]
    lines += [f"  # {field}: COLUMN            required; no column looks like it" for field in missing]
    if entries.get("attributes"):
        lines.append("attributes:")
        lines += [
            _commented(f"  {_inline(name)}: {_inline(source)}", _examples(source, values))
            for name, source in entries["attributes"].items()
        ]
    sources = [*entries["fields"].values(), *entries.get("attributes", {}).values(), entries.get("one_per", [])]
    sources += [entries["fill"]["by"]] if "fill" in entries else []
    used = {name for source in sources for name in columns_of(source)}
    unused = [name for name in file.columns if name not in used]
    if unused:
        lines.append(f"# not used: {', '.join(unused)}")
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    return (
        yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
        .removesuffix("\n")
        .removesuffix("\n...")
    )


def _commented(line: str, comment: str) -> str:
    return f"{line:<{COMMENT_AT}}  # {comment}" if comment else line


def columns_of(source: Any) -> list[str]:
    """Return the columns that an entry of a map names."""
    if isinstance(source, dict):
        origin = source.get("columns") or source.get("multiply") or source.get("column", [])
        return [*columns_of(origin), *columns_of(source.get("else", []))]
    return [source] if isinstance(source, str) else source


def _examples(source: Any, values: dict[str, pl.Series]) -> str:
    found = [values[name][0] for name in columns_of(source) if not values[name].is_empty()]
    return " · ".join(" ".join(str(value).split())[:SHOWN_CHARACTERS] for value in found)
