"""Bundles: immutable, versioned folders that hold what the services serve from."""

from shelfwise.bundle.manifest import SCHEMA, FileEntry, Manifest, PartName
from shelfwise.bundle.store import BundleStore, Part
from shelfwise.bundle.writer import BundleWriter

__all__ = ["SCHEMA", "BundleStore", "BundleWriter", "FileEntry", "Manifest", "Part", "PartName"]
