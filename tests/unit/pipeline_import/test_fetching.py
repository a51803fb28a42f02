"""Remote files are read as if they were local."""

import gzip
from pathlib import Path

import fsspec
import pytest

from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files import SourceFile, on_this_disk


def put(address: str, content: bytes) -> str:
    filesystem, path = fsspec.core.url_to_fs(address)
    filesystem.pipe_file(path, content)
    return address


def test_a_local_file_is_not_copied(tmp_path: Path) -> None:
    with on_this_disk([str(tmp_path / "not-even-there.csv")]) as paths:
        assert paths == [tmp_path / "not-even-there.csv"]


def test_remote_copies_keep_order_and_names_and_are_removed_afterwards(tmp_path: Path) -> None:
    first = put("memory://fetching/2023/sales.csv.gz", gzip.compress(b"item,buyer\n7,a\n"))
    second = put("memory://fetching/2024/sales.csv.gz", gzip.compress(b"item,buyer\n8,b\n"))
    with on_this_disk([first, str(tmp_path), second]) as paths:
        assert paths[1] == tmp_path
        assert [path.name for path in (paths[0], paths[2])] == ["sales.csv.gz"] * 2
        assert [SourceFile.open(path).sample()["item"].to_list() for path in (paths[0], paths[2])] == [["7"], ["8"]]
    assert not paths[0].exists()
    assert tmp_path.exists()


@pytest.mark.parametrize("address", ["memory://fetching/nothing.csv", "nowhere://fetching/catalog.csv"])
def test_an_address_that_cannot_be_fetched_is_named_in_the_error(address: str) -> None:
    with pytest.raises(FileUnreadable, match=f"expected a file at '{address}', found: "), on_this_disk([address]):
        pass


def test_an_error_without_a_message_is_named_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, path: str, target: str) -> None:
        raise PermissionError

    monkeypatch.setattr(fsspec.AbstractFileSystem, "get_file", refuse)
    with pytest.raises(FileUnreadable, match=r"found: PermissionError$"), on_this_disk(["memory://fetching/a.csv"]):
        pass
