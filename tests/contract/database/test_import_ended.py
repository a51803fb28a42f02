"""An import that is ended by a signal leaves no process running and no temporary file behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shelfwise_pipeline.database import EmbeddedPostgres
from tests.support.waiting import wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not below pytest's own temporary folder, see tests/support/postgres.py.
    path = Path(tempfile.mkdtemp(prefix="shelfwise-ended-"))
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_an_import_with_its_database_and_temporary_files(folder: Path, number: signal.Signals) -> None:
    (folder / "tmp").mkdir(mode=0o777)
    environment = {**os.environ, "SHELFWISE_VAR": str(folder / "var"), "TMPDIR": str(folder / "tmp"), "SHELFWISE_DEMO": "none"}
    environment.pop("DATABASE_URL", None)
    (folder / "whole.csv").write_text("sku,name\n" + "".join(f"{n},Comb {n}\n" for n in range(1_000_000)), "utf-8")
    command = ["products", f"file://{folder}/whole.csv", "--set", "product_id=sku", "--set", "title=name"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from shelfwise_pipeline.cli import main; main()", "import", *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    server = EmbeddedPostgres(folder / "var" / "postgres")
    try:
        wait_until(lambda: server.folder.exists() and server.listens(), within_s=60)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number, said.decode()
    assert b"Traceback" not in said
    assert said.decode().splitlines()[-1] == (
        f"shelfwise: ended by {number.name}; committed work stays. Run the same command again to do the rest"
    )
    assert not server.listens()
    assert list((folder / "tmp").glob("*shelfwise-import-*")) == []
