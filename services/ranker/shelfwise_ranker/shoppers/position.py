"""How far a follower has read: what one PostgreSQL snapshot showed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A `pg_snapshot`: all transactions before `xmin` have ended; those from `xmax` on and those in `running` have not."""

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "Position":
        """Parse PostgreSQL's own form, `xmin:xmax:xip,xip,…`."""
        xmin, xmax, running = text.split(":")
        return cls(int(xmin), int(xmax), frozenset(map(int, filter(None, running.split(",")))))

    @property
    def text(self) -> str:
        """PostgreSQL's own form."""
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.running)))}"

    def shows(self, transaction: int) -> bool:
        """Whether the snapshot contains what the transaction wrote, if it was committed."""
        return transaction < self.xmin or (transaction < self.xmax and transaction not in self.running)

    def before(self, transaction: int) -> "Position":
        """This position, as if `transaction` and all later ones had not begun."""
        return Position(
            min(self.xmin, transaction),
            min(self.xmax, transaction),
            frozenset(number for number in self.running if number < transaction),
        )
