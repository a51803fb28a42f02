r"""Regular expressions of a map, as what carries them out (Rust's, through polars) understands them: no look-around, no \1."""

import re

import polars as pl

REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")


def groups_of(pattern: str) -> list[str]:
    """The groups of a pattern, each by its name or its number.

    Raises:
        ValueError: it is no such pattern; the message says why.
    """
    try:
        groups = pl.select(pl.lit("").str.extract_groups(pattern)).to_series()
    except pl.exceptions.ComputeError as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("error: ")
        raise ValueError(f"expected a regular expression (Rust's syntax), found {pattern!r}: {reason}") from error
    return list(groups.struct.fields)


def require_groups(pattern: str, new: str) -> None:
    r"""That the text which replaces what a pattern matches names groups as $1, and only those that the pattern has.

    Raises:
        ValueError: it says \1, which would be put in as it stands, or names another group, for which nothing would be.
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
