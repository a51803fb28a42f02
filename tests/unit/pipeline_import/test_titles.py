"""Names from till abbreviations: real ones, and rules that hold for all of them."""

import re

import polars as pl
import pytest

from shelfwise_pipeline.demo import wording
from shelfwise_pipeline.demo.source import raw_products
from shelfwise_pipeline.demo.titles import category_name, department_name, readable, title, type_name

TYPES = [
    ("MAKEUP AND TREATMENT", "NAILCARE", "Nail Care"),
    ("MAKEUP AND TREATMENT", "MAYBELLINE", "Maybelline Makeup"),
    ("FRZN MEAT/MEAT DINNERS", "FRZN SS PREMIUM ENTREES/DNRS/N", "Frozen Single Serve Premium Nutritional Entrees"),
    ("CAT FOOD", "CAN CATFD GOURMET/SUP PREM (GR", "Gourmet Super Premium Canned Cat Food"),
    ("REFRGRATD JUICES/DRNKS", "DAIRY CASE 100% PURE JUICE - O", "Refrigerated Pure Orange Juice"),
    ("BAG SNACKS", "POTATO CHIPS", "Potato Chips"),
    ("BAG SNACKS", "TORTILLA/NACHO CHIPS", "Tortilla and Nacho Chips"),
    ("PIES", "PIES: FRUIT/NUT", "Fruit and Nut Pies"),
    ("COOKIES", "COOKIES: GOURMET", "Gourmet Cookies"),
    ("BREAD", "BREAD:ITALIAN/FRENCH", "Italian and French Bread"),
    ("EGGS", "EGGS - X-LARGE", "Extra Large Eggs"),
    ("APPLES", "APPLES GALA (BULK&BAG)", "Gala Apples"),
    ("ICE CREAM/MILK/SHERBTS", "PREMIUM", "Premium Ice Cream"),
    ("BACON", "PREMIUM", "Premium Bacon"),
    ("PASTA SAUCE", "PREMIUM", "Premium Pasta Sauce"),
    ("NON-DAIRY BEVERAGES", "MISC", "Non-Dairy Beverages"),
    ("TURKEY", "MARINATED", "Marinated Turkey"),
    ("BATTERIES", "REVLON", "Revlon Makeup"),
    (None, "DOLLAR DAYS", "Dollar Days Item"),
    ("MAGAZINE", "AUTOMOBILE-MAGAZINE", "Automobile Magazine"),
    ("MAGAZINE", "SOCIAL&LIFESTYLE-MAGAZINE", "Social and Lifestyle Magazine"),
    ("AUDIO/VIDEO PRODUCTS", "DVD S", "DVDs"),
    ("INFANT CARE PRODUCTS", "CHILDREN S MUSICAL INSTRUMENTS", "Children's Musical Instruments"),
    ("APPAREL", "LADIES CASUAL SHOES", "Ladies' Casual Shoes"),
    ("HOSIERY/SOCKS", "WOMENS/GIRLS HOSIERY", "Women's and Girls' Hosiery"),
    ("CONVENIENT BRKFST/WHLSM SNACKS", "CEREAL BARS", "Cereal Bars"),
    ("DEODORANTS", "ROLL-ON DEODORANTS", "Roll-On Deodorants"),
    ("SOFT DRINKS", "SFT DRNK 2 LITER BTL CARB INCL", "Soft Drink, 2 Liter Bottle"),
    ("CHICKEN/POULTRY", "CHIX: ROTISSERIE (HOT)", "Hot Rotisserie Chicken"),
    ("BREAKFAST SWEETS", "SW GDS:MUFFINS-LSS THN 6", "Muffins, Small Pack"),
    ("ORAL HYGIENE PRODUCTS", "ORAL HYGIENE BRUSHES", "Toothbrushes"),
    ("LIQUOR", "BOURBON/TN WHISKEY", "Bourbon and Tennessee Whiskey"),
    ("FROZEN BREAD/DOUGH", "FRZN SWEET ROLLS&MUFFINS", "Frozen Sweet Rolls and Muffins"),
    ("FRZN BREAKFAST FOODS", "WAFFLES/PANCAKES/FRENCH TOAST", "Waffles, Pancakes and French Toast"),
    ("FRZN POTATOES", "FRZN TATER TOTS/OTHER EXTRUDED", "Frozen Tater Tots"),
    ("FROZEN PIE/DESSERTS", "FROZEN FRUIT PIES  & COBBLERS", "Frozen Fruit Pies and Cobblers"),
    ("VITAMINS", "NUT SUPP-JOINT HEALTH", "Joint Health Supplements"),
    ("TOYS AND GAMES", "R/C VEHICLES", "Remote Control Vehicles"),
    ("BATH", "DIPILATORIES", "Hair Removal Products"),
    ("PAPER HOUSEWARES", "PLSTC CTLRYTBLCLTHSTTHPKSST", "Plastic Cutlery, Tablecloths and Toothpicks"),
    ("FRZN VEGETABLE/VEG DSH", "FRZN CORN ON THE COB", "Frozen Corn on the Cob"),
    ("KITCHEN GADGETS", "AS SEEN ON TV", "As Seen on TV Items"),
]

CATEGORIES = [
    ("MAKEUP AND TREATMENT", "Makeup and Treatment"),
    ("REFRGRATD JUICES/DRNKS", "Refrigerated Juices and Drinks"),
    ("SALD DRSNG/SNDWCH SPRD", "Salad Dressing and Sandwich Spread"),
    ("GREETING CARDS/WRAP/PARTY SPLY", "Greeting Cards, Gift Wrap and Party Supplies"),
    ("ICE CREAM/MILK/SHERBTS", "Ice Cream, Ice Milk and Sherbets"),
    ("CONVENIENT BRKFST/WHLSM SNACKS", "Convenient Breakfast and Wholesome Snacks"),
    ("FITNESS&DIET", "Fitness and Diet"),
    ("IN-STORE PHOTOFINISHING", "In-Store Photofinishing"),
    ("MILK BY-PRODUCTS", "Milk By-Products"),
    ("ELECTRICAL SUPPPLIES", "Electrical Supplies"),
]

DEPARTMENTS = [
    ("DRUG GM", "Drugstore and General Merchandise"),
    ("MEAT-PCKGD", "Packaged Meat"),
    ("COSMETICS", "Cosmetics"),
    ("ELECT &PLUMBING", "Electrical and Plumbing"),
]


@pytest.fixture(scope="module")
def raw() -> pl.DataFrame:
    return raw_products()


@pytest.mark.parametrize(("category", "written", "expected"), TYPES)
def test_type_names_are_written_out(category: str | None, written: str, expected: str) -> None:
    assert type_name(category, written) == expected


@pytest.mark.parametrize(("written", "expected"), CATEGORIES)
def test_category_names_are_written_out(written: str, expected: str) -> None:
    assert category_name(written) == expected


@pytest.mark.parametrize(("written", "expected"), DEPARTMENTS)
def test_department_names_are_written_out(written: str, expected: str) -> None:
    assert department_name(written) == expected


@pytest.mark.parametrize(
    ("kind", "size", "expected"),
    [
        ("Nail Care", "6 oz", "Nail Care, 6 oz"),
        ("Nail Care", None, "Nail Care"),
        ("Popular Wines, 750 ml", "750 ml", "Popular Wines, 750 ml"),
    ],
)
def test_titles_append_the_size_unless_they_have_it(kind: str, size: str | None, expected: str) -> None:
    assert title(kind, size) == expected


def test_w_slash_means_with_only_where_a_word_begins() -> None:
    assert readable("CUBE/STW/STRP") == "Cube, Stew and Strips"
    assert readable("SAUCE W/MEAT") == "Sauce with Meat"
    assert readable("SAUCE W/O MEAT") == "Sauce without Meat"


def test_no_name_has_stray_signs_or_abbreviations_left(raw: pl.DataFrame) -> None:
    kinds = raw.select("product_category", "product_type").unique().filter(pl.col("product_type").is_not_null())
    names = {type_name(*row) for row in kinds.rows()} | {
        category_name(name) for name in raw["product_category"].drop_nulls().unique()
    }
    untidy = re.compile(r"[/&:()]|  |^[a-z ]|,$|-$|\b[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{2,}\b")
    assert sorted(name for name in names if untidy.search(name)) == []


def test_every_name_cut_off_at_30_characters_is_written_out(raw: pl.DataFrame) -> None:
    cut = raw["product_type"].unique().drop_nulls()
    cut = cut.filter(cut.str.len_chars() == 30)
    written = {written for where, written in wording.names() if where not in (wording.DEPARTMENT, wording.CATEGORY)}
    whole = {"HISPANIC SPICES AND SEASONINGS", "CHILDREN S MUSICAL INSTRUMENTS"}
    assert {name for name in cut if name not in written} == whole


def test_every_name_of_the_table_occurs_in_the_data(raw: pl.DataFrame) -> None:
    departments, categories, types = (set(raw[name]) for name in ("department", "product_category", "product_type"))
    occurs = {wording.DEPARTMENT: departments, wording.CATEGORY: categories}
    assert [key for key in wording.names() if key[1] not in occurs.get(key[0], types)] == []
    assert {where for where, _ in wording.names()} <= categories | {wording.DEPARTMENT, wording.QUALIFIER, wording.CATEGORY, ""}
