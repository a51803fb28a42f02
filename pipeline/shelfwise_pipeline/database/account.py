"""Chooses the operating-system account that the embedded server runs as.

PostgreSQL refuses to run as root. A normal user runs it as itself. For root, an account without privileges runs it, and must
reach two places: the data and the programs. Both may be below a folder that only root can enter (`/root`), so folders on the
way become enterable, but not listable, for all: the minimum that works.
"""

import logging
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shelfwise_pipeline.database.errors import EmbeddedDatabaseError

log = logging.getLogger(__name__)

CANDIDATES = ("postgres", "nobody")
"""Accounts tried for root, in order: PostgreSQL's own if its package created one, else the one that every system has."""


@dataclass(frozen=True)
class Account:
    """The account to run as; `None` ids mean the current one."""

    uid: int | None = None
    gid: int | None = None

    def subprocess_options(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int) -> None:
        """Hands one path over to the account with exactly these permissions."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def let_in(self, path: Path) -> None:
        """Makes `path` reachable for the account by letting it enter, not list, the folders above.

        Raises EmbeddedDatabaseError naming the folder whose permissions cannot be changed.
        """
        if self.uid is None:
            return
        for folder in path.resolve().parents:
            state = folder.stat()
            needed = self._enter_bit(state)
            if state.st_mode & needed:
                continue
            try:
                folder.chmod(stat.S_IMODE(state.st_mode) | needed)
            except OSError as error:
                raise EmbeddedDatabaseError(
                    f"PostgreSQL does not run as root, and account {self.uid} may not enter {str(folder)!r} ({error}); "
                    "run as a normal user, move the project elsewhere, or set DATABASE_URL to your own PostgreSQL"
                ) from error
            log.warning("let the database's account enter %s (chmod +x), because PostgreSQL does not run as root", folder)

    def _enter_bit(self, state: os.stat_result) -> int:
        if state.st_uid == self.uid:
            return stat.S_IXUSR
        if state.st_gid == self.gid:
            return stat.S_IXGRP
        return stat.S_IXOTH


def choose(data: Path) -> Account:
    """Return the account for the server whose data is in `data` (which need not exist yet).

    Data from an earlier run stay with their owner, so a data folder survives a change of CANDIDATES.
    """
    if os.geteuid() != 0:
        return Account()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for entry in _known_accounts():
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedDatabaseError(
        f"PostgreSQL does not run as root; expected one of the accounts {', '.join(CANDIDATES)} to run it, found none; "
        "run as a normal user, or set DATABASE_URL to your own PostgreSQL"
    )


def _known_accounts() -> Iterator[pwd.struct_passwd]:
    for name in CANDIDATES:
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue
