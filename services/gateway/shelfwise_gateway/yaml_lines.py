"""YAML with the line of each value in its file."""

import re
from collections.abc import Sequence
from typing import Any

import yaml


class LinedYaml:
    """A parsed file; `value` is its content."""

    def __init__(self, text: str) -> None:
        """
        Raises:
            ValueError: not YAML, a key that is not a name or occurs twice, or a part that contains itself; the message names
                the line.
        """
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            _check(self._root)
            self.value: Any = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"line {mark.line + 1}: " if mark is not None else ""
            found = re.sub("^(but )?found ", "", error.problem or error.context or "something else")
            raise ValueError(f"{where}expected YAML, found {found}") from error
        except RecursionError as error:
            raise ValueError("expected YAML, found too many levels of nesting") from error
        except yaml.YAMLError as error:
            raise ValueError(f"expected YAML, found {error}") from error

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line, counted from 1, of the value at `path`, or of the deepest part of the path that the file has."""
        node, line = self._root, 1
        for part in path:
            key, child = _child(node, part)
            if child is None:
                break
            node, line = child, (key or child).start_mark.line + 1
        return line


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The node of the key, if there is one, and the node of the value."""
    if isinstance(node, yaml.MappingNode):
        found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        return found or (None, None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None


def _check(node: yaml.Node | None, around: tuple[yaml.Node, ...] = ()) -> None:
    """Refuse valid YAML that cannot be interpreted; `around`: the parts that contain `node`."""
    if any(node is outer for outer in around):
        raise _wrong(node, "a part that contains itself")
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _wrong(key, f"a {'map' if isinstance(key, yaml.MappingNode) else 'list'} where a name belongs")
            if key.value in seen:
                raise _wrong(key, f"{key.value!r} a second time; use each name once")
            seen.add(key.value)
            _check(value, (*around, node))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check(value, (*around, node))


def _wrong(node: yaml.Node | None, found: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=found, problem_mark=node.start_mark if node is not None else None)
