"""The one path by which bulk data enters: frames with canonical columns, checked, reported, written to PostgreSQL.

columns → rules (products, events) → report → loading;   reading is the way back out, for a build
"""

from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS, ColumnError
from shelfwise_pipeline.importing.loading import Progress, import_events, import_products
from shelfwise_pipeline.importing.reading import Fingerprint, fingerprint, read_events, read_products, snapshot
from shelfwise_pipeline.importing.report import Finding, ImportReport

__all__ = [
    "EVENT_COLUMNS",
    "PRODUCT_COLUMNS",
    "ColumnError",
    "Finding",
    "Fingerprint",
    "ImportReport",
    "Progress",
    "fingerprint",
    "import_events",
    "import_products",
    "read_events",
    "read_products",
    "snapshot",
]
