"""The `shelfwise` command."""

from shelfwise_pipeline.cli.app import main

__all__ = ["main"]
