"""`aws`, `docker` and `sleep` as programs that answer what scripts ask and remember every call; nothing leaves this machine."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.deploy.reading import ECS

_PROGRAM = """#!{python}
import json, os, re, sys
words = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
with open({log!r}, "a") as log:
    log.write(json.dumps(words) + chr(10))
said = " ".join(words)
for pattern, code, text in json.load(open({answers!r})):
    if found := re.search(pattern, said):
        print(found.expand(text))
        sys.exit(code)
"""

_ANSWERS = [
    (r"describe-stacks .*OutputKey=='Registry'", 0, "1.dkr.ecr.eu.amazonaws.com/shelfwise"),
    (r"describe-stacks .*OutputKey=='(\w+)'", 0, r"the-\1"),
    ("run-task", 0, "arn:aws:ecs:eu:1:task/cluster/0a1b"),
    ("lastStatus", 0, "STOPPED"),
    ("exitCode", 0, "0"),
    ("get-log-events", 0, "what the task said"),
    ("ecr describe-images", 254, ""),
]


@dataclass
class Commands:
    """The programs' folder, and what they answer: `told` comes first, as (pattern of the whole call, exit code, output)."""

    folder: Path
    told: list[tuple[str, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        program = _PROGRAM.format(python=sys.executable, log=str(self._log), answers=str(self._answers))
        for name in ("aws", "docker", "sleep"):
            (self.folder / name).write_text(program)
            (self.folder / name).chmod(0o755)

    @property
    def _log(self) -> Path:
        return self.folder / "calls"

    @property
    def _answers(self) -> Path:
        return self.folder / "answers"

    def run(self, script: str, *arguments: str, scripts: Path = ECS, **environment: str) -> subprocess.CompletedProcess[str]:
        """One script of deploy/ecs, or of a copy of it, in this folder, of the commit `c0ffee`."""
        self._answers.write_text(json.dumps([*self.told, *_ANSWERS]))
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", str(scripts / script), *arguments],
            env={"PATH": path, "TAG": "c0ffee", **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls(self, *beginning: str) -> list[list[str]]:
        """Every call whose words begin like this, in their order."""
        every: list[list[str]] = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [words for words in every if words[: len(beginning)] == list(beginning)]


def after(option: str, words: list[str]) -> str:
    """The value of an option in a call."""
    return words[words.index(option) + 1]
