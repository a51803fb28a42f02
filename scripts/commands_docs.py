"""Writes docs/commands.md from the `shelfwise` command: `python scripts/commands_docs.py docs/commands.md`."""

import sys
from pathlib import Path

from typer.main import get_group

from shelfwise_pipeline.cli.app import app

HEAD = """# Commands

All commands and options of `shelfwise`, as `shelfwise COMMAND --help` shows them. Its
[settings](settings.md#the-shelfwise-command) say which database and which bundles it uses.

This page is generated from the code by `python scripts/commands_docs.py docs/commands.md`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, command in get_group(app).commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        parts.append(f"\n## `shelfwise {name}`\n\n{command.help or ''}\n")
        said = [record for parameter in command.params if (record := parameter.get_help_record(context))]
        if said:
            parts.append("\n| argument or option | meaning |\n|---|---|\n")
            parts += [f"| `{_cell(option)}` | {_cell(meaning)} |\n" for option, meaning in said]
    return "".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
