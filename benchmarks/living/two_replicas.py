"""Starts a shop with two retrievers and a gateway for each, so that the answers of each retriever can be observed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from benchmarks.living.copies import another_version
from benchmarks.serving.shelfwise import HOST, free_ports
from benchmarks.serving.system import Program, System, python
from shelfwise.bundle import BundleStore
from shelfwise_pipeline.database import EmbeddedPostgres, connect, migrate
from shelfwise_pipeline.importing import import_products
from shelfwise_retriever.frame import FILE

REPLICAS = 2
VERSION = "living"


@contextmanager
def two_replicas(bundles: Path, version: str, folder: Path) -> Iterator[tuple[list[str], str]]:
    """The addresses of the gateways, one for each retriever, and the database's URL. All data is in `folder`."""
    with EmbeddedPostgres(folder / "postgres") as url:
        migrate(url)
        another_version(bundles, version, VERSION, folder / "bundles", last_change=_restored(bundles / version, url))
        store = BundleStore(str(folder / "bundles"))
        store.publish(VERSION)
        ports = iter(free_ports(2 + 2 * REPLICAS))
        embedder, ranker = next(ports), next(ports)
        retrievers, gateways = ([next(ports) for _ in range(REPLICAS)] for _ in range(2))
        programs = [
            _program("embedder", "embedder", embedder, store),
            _program("ranker", "ranker", ranker, store),
            *(
                _program("retriever", f"retriever-{port}", port, store, DATABASE_URL=url, SHELFWISE_EMBEDDER_URL=_at(embedder))
                for port in retrievers
            ),
            *(
                _program(
                    "gateway",
                    f"gateway-{port}",
                    port,
                    store,
                    SHELFWISE_EMBEDDER_URL=_at(embedder),
                    SHELFWISE_RETRIEVER_URL=_at(retriever),
                    SHELFWISE_RANKER_URL=_at(ranker),
                )
                for port, retriever in zip(gateways, retrievers, strict=True)
            ),
        ]
        with System("living", HOST, gateways[0], programs):
            yield [_at(port) for port in gateways], url


def _restored(bundle: Path, url: str) -> int:
    """Put the bundle's products into the database; return the last number of the change log."""
    with connect(url, autocommit=True) as connection:
        import_products(connection, pl.read_parquet(bundle / "catalog" / FILE))
        row = connection.execute("SELECT max(seq) FROM catalog.changes").fetchone()
    return int(row[0]) if row else 0


def _program(service: str, name: str, port: int, store: BundleStore, **more: str) -> Program:
    environment = {
        "SHELFWISE_HOST": HOST,
        "SHELFWISE_PORT": str(port),
        "SHELFWISE_BUNDLES": store.address,
        "SHELFWISE_LOG_LEVEL": "warning",
        "OMP_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
        **more,
    }
    return Program(name, python("-m", f"shelfwise_{service}"), environment, f"{_at(port)}/readyz")


def _at(port: int) -> str:
    return f"http://{HOST}:{port}"
