"""Which titles are the same product to a shopper."""

import time

import pytest

from shelfwise_gateway.titles import without_size, words


def same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the keys of two titles have one in common."""
    return not set(one).isdisjoint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nail Paint – RED", "nail  paint, red"),
        ("Crème Brûlée", "CREME BRULEE"),
        ("Straße Nr 1", "STRASSE nr. 1"),
        ("Kids' Toothpaste", "Kids Toothpaste"),
        ("Ёлка", "елка"),
        ("Καφές", "καφεσ"),
        ("パン", "\u30cf\u309aン"),
        ("ﾊﾟﾝ", "パン"),
        ("दाल – मसूर", "दाल, मसूर"),
        ("Cat food ❤️", "Cat food"),
        ("Lego™ Set", "LEGO Set"),
        ("1½ Pipe", "1 1/2 Pipe"),
        ("Œuvre Smørrebrød", "oeuvre smorrebrod"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width"),
        ("ILIK ılık İnce", "ilik ilik ince"),
        ("مُدَرِّسَة", "مدرسة"),
        ("שָׁלוֹם", "שלום"),
        ("Puma Men's Cap", "Puma Mens Cap"),
        ("Puma Men’s Cap", "Puma Men Cap"),
        ("Nail Polish", "Nail Polishes"),
        ("Black Shoe", "Black Shoes"),
        ("Cookies and Berries", "Cookie and Berry"),
        ("Polo T-shirt", "Polo Tshirt"),
        ("Polo T shirts", "Polo T-shirt"),
        ("Flood Light 22.8 CC", "Floodlight, 22.8cc"),
        ("iPhone 14", "iPhone14"),
    ],
)
def test_titles_with_the_same_words_are_the_same(one: str, other: str) -> None:
    assert same(words(one), words(other))
    assert same(without_size(one), without_size(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Men Blue Polo T-shirt", "Men Polo T-shirt Blue"),
        ("Arrow Men Check Navy Blue Shirt", "Arrow Men Navy Blue Check Shirts"),
        ("Ice Cream - Belgian Chocolate", "Belgian Chocolate Ice Cream"),
        ("Wall Art, Buffalo Bill", "Buffalo Bill Wall Art"),
        ("Blue Polo Shirt", "Polo Shirt Blue"),
    ],
)
def test_titles_with_the_same_words_in_another_order_are_the_same(one: str, other: str) -> None:
    assert same(words(one), words(other))
    assert same(without_size(f"{one}, 6 oz"), without_size(f"{other}, 1 kg"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Red on Blue Shirt", "Blue on Red Shirt"),
        ("White Striped Blue Shirt", "Blue Striped White Shirt"),
        ("2 Gang 1 Module Plate", "1 Gang 2 Module Plate"),
        ("Case with Phone Holder", "Phone Holder with Case"),
        ("USB Male HDMI Female Adapter", "USB Female HDMI Male Adapter"),
    ],
)
def test_titles_differ_where_the_order_of_words_changes_the_meaning(one: str, other: str) -> None:
    assert not same(words(one), words(other))
    assert not same(without_size(one), without_size(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nail Care, 6 oz", "Nail Care, 24 ct"),
        ("milk chocolate", "chocolate milk"),
        ("Chocolate Almond Milk", "Milk Chocolate Almonds"),
        ("Navy Shirt White Buttons", "White Shirt Navy Buttons"),
        ("C++", "C#"),
        ("1.5 L", "15 L"),
        ("***", "---"),
        ("दाल", "दिल"),
        ("तेल", "तिल"),
        ("パン", "バン"),
        ("ข้าว", "ขาว"),
        ("ข้าว", "ข่าว"),
        ("முட்டை", "மூட்டை"),
        ("শাড়ি", "শাড়া"),
        ("مدرسة", "مدرسه"),
        ("क़लम", "कलम"),
        ("iPhone 14", "iPhone 15"),
        ("iPhone 5", "iPhone 5s"),
        ("iPhone X", "iPhone XS"),
        ("Pipe 1 5", "Pipe 15"),
        ("Feet 5'6", "Feet 56"),
        ("Red Polo T-shirt", "Blue Polo T-shirt"),
        ("Puma Men Cap", "Puma Men Cape"),
        ("Polo Shirt S", "Polo Shirt M"),
        ("Princess Dress", "Princes Dress"),
    ],
)
def test_titles_with_other_words_differ(one: str, other: str) -> None:
    assert not same(words(one), words(other))


@pytest.mark.parametrize("title", ["दाल मूल", "हिन्दी", "ข้าว", "முட்டை", "パン", "ব্লাউজ"])
def test_combining_marks_are_part_of_a_word(title: str) -> None:
    assert words(title) == without_size(title) == (title.replace(" ", ""),)


@pytest.mark.parametrize(
    "titles",
    [
        ["Cola", "Cola, 6 x 330 ml", "Cola 1.5 L", "COLA (12 pack)", "Pack of 6 Cola", "Cola 12 fl. oz"],
        ["Nail Care", "Nail Care, 0.5 oz", "Nail Care, 108 ct"],
        ["Copper Pipe", "1/2 in. x 10 ft. Copper Pipe", "1-1/2 in. Copper Pipe"],
        ["Shirt", "Shirt, XL", "Shirt (M)", "Shirt - large", "Shirt size 42"],
        ["Rice", "Rice 500g", "Rice 1 kg", "Rice 5 lbs"],
        ["コーヒー豆", "コーヒー豆200g", "コーヒー豆500ｇ", "コーヒー豆 1kg"],
        ["Monitor", '27" Monitor'],
        ["Plums", "Plums, 50-55 ct", "Plums, 2 to 4 lbs"],
        ["Pies", "Pies, 9 in / 47 oz", "Pies, 2-8 oz", "Pies, jumbo"],
        ["Bait", "Bait, 6 x 25 g", "Bait 250g"],
    ],
)
def test_titles_that_differ_only_in_amounts_are_the_same_without_size(titles: list[str]) -> None:
    assert all(same(without_size(title), words(titles[0])) for title in titles)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("iPhone 14", "iPhone 15"),
        ("4G router", "5G router"),
        ("3M tape", "tape"),
        ("2 in 1 shampoo", "3 in 1 shampoo"),
        ("Milk 2%", "Milk 1%"),
        ("5-light chandelier", "3-light chandelier"),
        ("6 oz", "8 oz"),
    ],
)
def test_titles_that_differ_in_other_numbers_differ_without_size(one: str, other: str) -> None:
    assert not same(without_size(one), without_size(other))


@pytest.mark.parametrize("title", ["6 oz", "***"])
def test_a_title_that_is_only_an_amount_or_signs_keeps_it(title: str) -> None:
    assert words(title) == without_size(title) == (title.replace(" ", ""),)


@pytest.mark.parametrize("title", ["C++ & C#: 100% _fun_", "a-b/c.d,e", "+", "x\ty\n z", "50%+ #1"])
def test_ascii_and_non_ascii_titles_are_read_alike(title: str) -> None:
    assert words(title + " é") == words(title + " e")
    assert words("ß " + title) == words("ss " + title)


@pytest.mark.parametrize("part", ["1-1/1", "1 x ", "1-", "1 1/1 ", "9", "9.", "pack of ", "12 oz ", "(xl"])
def test_a_title_of_1000_characters_is_read_quickly(part: str) -> None:
    title = (part * 1000)[:1000] + "q"
    began = time.perf_counter()
    assert without_size(title)
    assert time.perf_counter() - began < 0.1, "a title has up to 1000 characters"
