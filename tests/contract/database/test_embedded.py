"""The embedded server: started once, shared, stopped by its last user, and out of reach of the terminal's Ctrl-C."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shelfwise_pipeline.database import (
    DatabaseUnreachable,
    EmbeddedDatabaseError,
    EmbeddedPostgres,
    connect,
    programs,
)

LAUNCHER = """
import sys
from pathlib import Path
from shelfwise_pipeline.database import EmbeddedPostgres, connect
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as url:
    try:
        print(url, flush=True)  # inside: the signal may come right after it
        sys.stdin.read()
    except KeyboardInterrupt:
        with connect(url) as connection:
            print(connection.execute("SELECT 'still there'").fetchone()[0], flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="shelfwise-embedded-"))
    yield made / "var" / "postgres"
    shutil.rmtree(made)


def is_up(url: str) -> bool:
    try:
        connect(url).close()
    except DatabaseUnreachable:
        return False
    return True


def test_data_outlive_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            version = connection.info.server_version
        assert version >= 180000
    assert not is_up(url)
    with EmbeddedPostgres(folder, durable=False) as url, connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_only_the_last_user_stops_the_server(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder, durable=False), EmbeddedPostgres(folder, durable=False)
    assert first.start() == second.start()
    first.stop()
    assert is_up(second.url)
    first.stop()  # stopping twice is harmless
    assert is_up(second.url)
    second.stop()
    assert not is_up(second.url)


def test_a_killed_user_does_not_keep_the_server_running(folder: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    assert killed.stdin is not None
    url = killed.stdout.readline().strip()
    killed.kill()
    killed.wait()
    killed.stdin.close()
    killed.stdout.close()
    assert is_up(url)
    with EmbeddedPostgres(folder, durable=False) as again:
        assert again == url
    assert not is_up(url)


def test_ctrl_c_reaches_the_launcher_and_not_the_server(folder: Path) -> None:
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert launcher.stdout is not None
    url = launcher.stdout.readline().strip()
    os.killpg(launcher.pid, signal.SIGINT)  # what a terminal sends: to the whole group
    said, _ = launcher.communicate(timeout=30)
    assert said.strip() == "still there"
    assert launcher.returncode == 0
    assert not is_up(url)


def test_a_folder_with_a_long_path_has_its_socket_in_the_temporary_folder(folder: Path) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)
    server = EmbeddedPostgres(deep, durable=False)
    with server as url:
        assert is_up(url)
        assert server.socket_folder.parent == Path(tempfile.gettempdir())
    server.socket_folder.rmdir()


def test_a_socket_folder_that_is_a_link_is_refused(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("a" * 60) / ("b" * 60), durable=False)
    (folder / "theirs").mkdir(parents=True)
    server.socket_folder.symlink_to(folder / "theirs")
    try:
        with pytest.raises(EmbeddedDatabaseError, match=r"expected a folder of this account .* found a link"):
            server.start()
    finally:
        server.socket_folder.unlink()
    assert list((folder / "theirs").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder another account's")
def test_a_socket_folder_of_another_account_is_refused(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("a" * 60) / ("b" * 60), durable=False)
    server.socket_folder.mkdir()
    os.chown(server.socket_folder, 12_345, 12_345)
    try:
        with pytest.raises(EmbeddedDatabaseError, match="found one of account 12345"):
            server.start()
    finally:
        server.socket_folder.rmdir()


def test_a_folder_may_have_blanks_and_quotes_in_its_path(folder: Path) -> None:
    with EmbeddedPostgres(folder / "it's a shop", durable=False) as url:
        assert is_up(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account run the server")
def test_root_opens_a_closed_parent_folder_for_passing_through_only(folder: Path) -> None:
    folder.parent.mkdir()
    folder.parent.chmod(0o700)
    with EmbeddedPostgres(folder, durable=False) as url:
        assert is_up(url)
    assert folder.parent.stat().st_mode & 0o777 == 0o701


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account run the server")
def test_revive_opens_folders_that_were_closed_meanwhile(folder: Path) -> None:
    """A server that recovers from a crash opens its folder by its path, and exits if it has no access."""
    with EmbeddedPostgres(folder, durable=False) as url:
        watching = EmbeddedPostgres(folder, durable=False)
        session = connect(url)
        folder.parent.chmod(0o700)
        os.kill(session.info.backend_pid, signal.SIGKILL)
        give_up_at = time.monotonic() + 5
        while watching.listens() and time.monotonic() < give_up_at:
            time.sleep(0.01)
        assert not watching.listens()
        watching.revive()
        session.close()
        assert is_up(url)
        folder.parent.chmod(0o700)
    assert not is_up(url)


def test_damaged_data_raise_an_error_with_the_servers_log(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False):
        pass
    (folder / "data" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedDatabaseError, match=r"pg_ctl to succeed(.|\n)*server\.log"):
        EmbeddedPostgres(folder, start_timeout_s=10, durable=False).start()


def test_the_error_for_a_missing_postgres_package_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PACKAGE", "no_such_package")
    with pytest.raises(EmbeddedDatabaseError, match="install it, or set DATABASE_URL"):
        programs.installed_programs()


def test_the_error_for_an_unreachable_database_hides_its_password() -> None:
    with pytest.raises(DatabaseUnreachable, match=r"host=127\.0\.0\.1 port=1 ") as caught:
        connect("postgresql://shop:secret@127.0.0.1:1/shelfwise")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgres//shop:secret@db/shop", "postgresql://shop:secret%zz@db/shop", "secret"])
def test_the_error_for_a_malformed_database_url_does_not_show_it(url: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="DATABASE_URL: expected an address like postgresql://") as caught:
        connect(url)
    assert "secret" not in str(caught.value)


def test_a_killed_server_is_revived_with_all_committed_data(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        watching = EmbeddedPostgres(folder)
        assert watching.listens()
        session = connect(url, autocommit=True)
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        give_up_at = time.monotonic() + 5
        while watching.listens() and time.monotonic() < give_up_at:
            time.sleep(0.01)
        assert not watching.listens()
        watching.revive()
        watching.revive()  # does nothing if the server is running
        session.close()
        with connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert not is_up(url)
