"""How values that people write are compared: categories, brands, and the names and values of attributes.

Case does not count, nor does what depends on a keyboard or an export: the kind of apostrophe, hyphen and blank, the number of
blanks, invisible characters, the dot of an i, and variants of characters ("Ａ" is "a"). Accents do count: two brands may differ
by nothing else.
"""

import re
import unicodedata

from shelfwise.words import APOSTROPHES

_HYPHENS = "‐‑"  # a line does not end after the second one
_INVISIBLE = "\u00ad\u200b\u200d\u2060\ufeff"  # soft hyphen, space without width, joiners, byte order mark
_WRITTEN = dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_INVISIBLE, "")
_SEVERAL = re.compile(f"[{''.join(_WRITTEN)}]")


def folded(value: str) -> str:
    """The form in which `value` equals what is written alike; folding it again changes nothing."""
    lower = value.casefold()
    if not lower.isascii():
        # Before NFKC, which makes a blank and an accent of "´".
        lower = _SEVERAL.sub(lambda match: _WRITTEN[match[0]], lower)
        # Again, because capitals without a lower-case form of their own ("℃", "𝐍") become others.
        lower = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", lower).casefold())
        lower = lower.replace("ı", "i").replace("i\u0307", "i")
    return " ".join(lower.split())
