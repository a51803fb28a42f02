r"""Regular expressions of a map, in the syntax of the engine that runs them (Rust's, through polars): no look-around, no \1."""

import re

import polars as pl

REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")


def groups_of(pattern: str) -> list[str]:
    """Return the groups of a pattern, each by its name or its number.

    Raises:
        ValueError: it is not such a pattern; the message tells why.
    """
    try:
        groups = pl.select(pl.lit("").str.extract_groups(pattern)).to_series()
    except pl.exceptions.ComputeError as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("error: ")
        raise ValueError(f"expected a regular expression (Rust's syntax), found {pattern!r}: {reason}") from error
    return list(groups.struct.fields)


def require_groups(pattern: str, new: str) -> None:
    r"""Check that a pattern's replacement text refers to groups as $1, and only to those that the pattern has.

    Raises:
        ValueError: it has \1, which would be inserted literally, or refers to another group, for which nothing would be.
    """
    if found := re.search(r"\\(\d)", new):
        raise ValueError(f"expected groups written as ${{{found[1]}}}, found {found[0]!r} in the replacement {new!r}")
    groups = groups_of(pattern)
    known = {*groups, *map(str, range(len(groups) + 1))}
    for braced, plain in REFERENCE.findall(new.replace("$$", "")):
        if (braced or plain) not in known:
            raise ValueError(
                f"expected a group of {pattern!r} after the $ in the replacement {new!r}, found {braced or plain!r}; "
                "write ${1} where a letter or digit follows, and $$ for a dollar sign"
            )
