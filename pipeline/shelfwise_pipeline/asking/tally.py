"""Counts the outcomes of the questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

EXAMPLES: Final = 5


@dataclass(slots=True)
class Tally:
    """Counts of all questions asked so far, including those of an earlier run."""

    answered: int = 0
    empty: int = 0
    """Answers without a product."""
    degraded: dict[str, int] = field(default_factory=dict)
    """By the step that was left out."""
    refused: int = 0
    examples: list[str] = field(default_factory=list)
    """The first EXAMPLES refused questions, with their lines."""

    @property
    def asked(self) -> int:
        return self.answered + self.refused

    def count(self, line: Mapping[str, Any]) -> None:
        """Count one more line: {"line", and "answer" or "error"}."""
        if "error" in line:
            self.refused += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(f"line {line['line']}: {line['error']['message']}")
            return
        answer = line["answer"]
        self.answered += 1
        self.empty += not answer["items"]
        for step in answer["degraded"]:
            self.degraded[step] = self.degraded.get(step, 0) + 1
