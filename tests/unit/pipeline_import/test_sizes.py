"""Package sizes as tills write them."""

import pytest

from shelfwise_pipeline.demo.sizes import readable_size


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("9 OZ", "9 oz"),
        ("6 PK/ 12 OZ", "6 x 12 oz"),
        ("12 PK/12 OZ", "12 x 12 oz"),
        ("2/12 OZ", "2 x 12 oz"),
        ("1/2 GAL", "1/2 gal"),
        ("9 1/2 OZ", "9 1/2 oz"),
        (".5 OZ", "0.5 oz"),
        ("5.00 OZ", "5 oz"),
        ("6.70 OZ", "6.7 oz"),
        ("2 L", "2 L"),
        ("6 PK/.5 LT", "6 x 0.5 L"),
        ("100 ML", "100 ml"),
        ("8 FL OZ", "8 fl oz"),
        ("30 CT", "30 ct"),
        ("6 CT/18.6 OZ", "6 ct / 18.6 oz"),
        ("70-84 CT", "70-84 ct"),
        ("16 X12 X12 IN", "16 x 12 x 12 in"),
        ("1 LB 5 OZ", "1 lb / 5 oz"),
        ("70 SQ FT", "70 sq ft"),
        ("35 LD", "35 loads"),
        ("1 DZ", "1 dozen"),
        ("10-STEMS", "10 stems"),
        ("04503916 OZ", "16 oz"),
        ("100776 6 OZ", "6 oz"),
        ("4 CT 183897", "4 ct"),
        ("(48)14.5 OZ", "14.5 oz"),
        ("8.5 OZ(3)", "8.5 oz"),
        ("ABD   7 OZ", "7 oz"),
        ("11    OZ", "11 oz"),
        ("12 OZ AERO", "12 oz"),
        ("750 ML.", "750 ml"),
        ("GAL", "1 gal"),
        ("XLRG", "extra large"),
        ("SIZE 5", "size 5"),
        ("EACH", None),
        ("PINK PANTH", None),
        ("971085  PK", None),
        (None, None),
    ],
)
def test_package_sizes_become_readable_or_none(written: str | None, expected: str | None) -> None:
    assert readable_size(written) == expected
