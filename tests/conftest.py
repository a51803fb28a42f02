"""Signal handlers for the whole test run, and fixtures that many tests read and none changes, made once."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.once import made_once

if TYPE_CHECKING:
    from tests.support.ranker import Trained

# Under nohup SIGHUP is ignored, as is SIGINT in what a script starts in the background, and processes that tests start would
# inherit that. Handlers that do nothing are not inherited: this process goes on as before, and its children use the defaults.
for _number in (signal.SIGHUP, signal.SIGINT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda number, frame: None)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> "Trained":
    """The ranker of the small shop. Its folder is read-only; a test that changes something copies it first."""
    from tests.support.ranker import Trained, build_ranker  # training's libraries take seconds to import

    return Trained(*made_once(tmp_path_factory, "ranker", build_ranker))


@pytest.fixture(scope="session")
def trained_on_orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ranker whose shop has no events but purchases; read-only as well."""
    import polars as pl

    from tests.support.ranker import build_ranker, shop_events, shop_products

    orders = shop_events(shop_products()).filter(pl.col("type") == "purchase")
    folder, _ = made_once(tmp_path_factory, "orders", lambda folder: build_ranker(folder, orders))
    return folder
