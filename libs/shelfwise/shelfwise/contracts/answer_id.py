"""The id of an answer, which says what gave it: `for-you.<32 hex digits>`.

Events name the answer that led to them. So what came of a scenario's answers can be counted from the events alone, without
anybody writing down what was asked.
"""

from shelfwise.contracts.recommend import ScenarioName

RERANKED = "rerank"
"""What stands for a scenario in the id of an answer that puts a caller's own list in order."""

LONGEST_NAME = 40
"""Characters of a scenario's name: two of them and the digits are still an id that travels in a header."""

NAME = rf"[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}"
LABEL = rf"^{NAME}(:{NAME})?$"
"""Regular expressions, of Python and of PostgreSQL. An id is a label, a dot and DIGITS hexadecimal digits."""

DIGITS = 32


def label(asked: ScenarioName, answered: ScenarioName | None = None) -> str:
    """What an id begins with. `answered`: which arm of the experiment of `asked` the shopper was in; None: in none."""
    return asked if answered is None else f"{asked}:{answered}"
