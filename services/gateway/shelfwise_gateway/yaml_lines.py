"""YAML that knows where in its file each value stands."""

from collections.abc import Iterator, Sequence
from typing import Any

import yaml


class LinedYaml:
    """A parsed file; `value` is what it says."""

    def __init__(self, text: str) -> None:
        """
        Raises:
            ValueError: not YAML, or a key that is there twice; the message names the line.
        """
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            _refuse_repeated_keys(self._root)
            self.value: Any = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"line {mark.line + 1}: " if mark is not None else ""
            raise ValueError(f"{where}expected YAML, found {error.problem or error.context}") from error
        except yaml.YAMLError as error:
            raise ValueError(f"expected YAML, found {error}") from error

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line, counted from 1, of the value at `path`; of the deepest part of the path that the file has."""
        node, line = self._root, 1
        for part in path:
            key, child = _child(node, part)
            if child is None:
                break
            node, line = child, (key or child).start_mark.line + 1
        return line


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key's node, if it has one, and the value's."""
    if isinstance(node, yaml.MappingNode):
        found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        return found or (None, None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None


def _refuse_repeated_keys(root: yaml.Node | None) -> None:
    for node in _mappings(root):
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"{key.value!r} a second time; every name may be there once"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)
