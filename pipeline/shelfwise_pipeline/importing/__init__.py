"""The only path for bulk data: frames with canonical columns, checked, reported, written to PostgreSQL.

files → mapping → columns → rules (products, events, judgements) → report → loading

`reading` is the way back, for a build. `from_files` runs the whole import for `shelfwise import`.
"""

from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS, PRODUCT_COLUMNS, ColumnError
from shelfwise_pipeline.importing.incoming import Progress
from shelfwise_pipeline.importing.loading import import_judgements, import_products
from shelfwise_pipeline.importing.loading_events import import_events
from shelfwise_pipeline.importing.reading import (
    Fingerprint,
    fingerprint,
    read_events,
    read_judgements,
    read_products,
    snapshot,
    written_at,
)
from shelfwise_pipeline.importing.report import Finding, ImportReport, Kind

__all__ = [
    "EVENT_COLUMNS",
    "JUDGEMENT_COLUMNS",
    "PRODUCT_COLUMNS",
    "ColumnError",
    "Finding",
    "Fingerprint",
    "ImportReport",
    "Kind",
    "Progress",
    "fingerprint",
    "import_events",
    "import_judgements",
    "import_products",
    "read_events",
    "read_judgements",
    "read_products",
    "snapshot",
    "written_at",
]
