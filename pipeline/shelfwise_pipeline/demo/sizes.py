"""Readable package sizes: '6 PK/ 12 OZ' becomes '6 x 12 oz'.

Other data that the tills put beside the size (item numbers, case counts, colours) are dropped. A size without any measure is no
size.
"""

import re
from functools import cache

UNITS = {
    "OZ": "oz", "OZS": "oz", "Z": "oz", "FL OZ": "fl oz", "LB": "lb", "LBS": "lb", "G": "g", "KG": "kg",
    "ML": "ml", "L": "L", "LT": "L", "LTR": "L", "LITER": "L", "GA": "gal", "GAL": "gal", "QT": "qt", "PT": "pt",
    "CT": "ct", "PK": "pack", "P": "pack", "PC": "pc", "EA": "ct", "ROLL": "rolls", "SHEET": "sheets", "BAGS": "bags",
    "LD": "loads", "LDS": "loads", "LOAD": "loads", "LOADS": "loads", "USE": "uses", "CUP": "cups", "CUPS": "cups",
    "IN": "in", "INX": "in x", "FT": "ft", "SQ FT": "sq ft", "SF": "sq ft", "YD": "yd", "YDS": "yd", "CM": "cm", "MM": "mm",
    "CU IN": "cu in", "CU FT": "cu ft", "STEM": "stems", "STEMS": "stems", "DZ": "dozen", "DOZ": "dozen", "DZN": "dozen",
    "GM": "g", "PKS": "pack", "PCS": "pc", "SHEETS": "sheets", "USES": "uses", "KIT": "kit", "PAIR": "pair", "DOSE": "doses",
    "CP": "cups", "PTS": "pt", "STICKS": "sticks", "STRIPS": "strips", "PADS": "pads", "SQUARES": "squares",
}  # fmt: skip
ALONE = {
    "GAL": "1 gal", "PT": "1 pt", "QT": "1 qt", "LB": "per lb", "SM": "small", "SMALL": "small", "MED": "medium",
    "MEDIUM": "medium", "LRG": "large", "LARGE": "large", "XLRG": "extra large", "JUMBO": "jumbo", "REGULAR": "regular",
    "X-LARGE": "extra large", "MINI": "mini", "KING": "king", "QUEEN": "queen", "HALF GAL": "1/2 gal", "DZ": "1 dozen",
    "DOZ": "1 dozen", "ONE SIZE": "one size", "SML": "small", "SM/MED": "small to medium", "LG": "large",
    "INFANT": "infant", "CHILD": "child", "CTN": "carton",
}  # fmt: skip

_FRACTIONS = r"(?:1/2|1/4|3/4|1/3|2/3|1/8|3/8|5/8|7/8)"
_NUMBER = rf"(?:\d+ {_FRACTIONS}(?!\.)|{_FRACTIONS}(?![\d.])|\d*\.\d+|\d+)"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_MEASURE = re.compile(
    rf"(?P<amount>\d+-\d+(?!\.)|{_NUMBER}(?:\s*X\s*{_NUMBER})*)[\s-]*(?P<unit>{_UNIT})(?![A-Z])(?:\s*X?\s*(?P<other>{_NUMBER}\s*(?:FT|YD|IN))(?![A-Z]))?"
)
_ITEM_NUMBER = re.compile(r"^\d{6}(?=[1-9])|^\d{5,7}\s+(?=\S)|\s+\d{6}$")
_CASE_COUNT = re.compile(r"\(\s*\d*\s*\)?")
_PACK_OF = re.compile(rf"^(?P<count>\d+)\s*(?:PK|P)?\s*/\s*(?={_NUMBER})")


@cache
def readable_size(written: str | None) -> str | None:
    """Return the size, or None if the text has nothing useful to a customer."""
    if written is None:
        return None
    text = " ".join(_CASE_COUNT.sub(" ", _ITEM_NUMBER.sub("", written.upper().strip())).split()).rstrip(".")
    if text.startswith("SIZE "):
        return text.lower()
    pack = None if re.match(rf"{_FRACTIONS}\s", text) else _PACK_OF.match(text)
    if pack and (measures := _measures(text[pack.end() :])):
        return f"{pack['count']} x {measures[0]}"
    if measures := _measures(text):
        return " / ".join(dict.fromkeys(measures))
    return ALONE.get(text)


def _measures(text: str) -> list[str]:
    return [_measure(found) for found in _MEASURE.finditer(text)]


def _measure(found: re.Match[str]) -> str:
    amount = " x ".join(map(_number, re.split(r"\s*X\s*", found["amount"])))
    unit = UNITS[found["unit"]]
    if found["other"]:
        other = re.match(rf"({_NUMBER})\s*(\w+)", found["other"])
        if other and found["unit"] == "INX":
            return f"{amount} in x {_number(other[1])} {UNITS[other[2]]}"
    return f"{amount} {unit}"


def _number(written: str) -> str:
    """'.50' becomes '0.5', '6.00' becomes '6'; fractions and ranges stay."""
    if "/" in written or "-" in written or "." not in written:
        return written.lstrip("0") or "0" if written.isdigit() else written
    whole, decimals = written.split(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole or 0)}.{decimals}" if decimals else str(int(whole or 0))
