"""Users that stand for many persons, such as a till."""

import polars as pl

from shelfwise_pipeline.building.crowds import crowds


def purchases(counts: dict[str | None, int]) -> pl.DataFrame:
    users = [user for user, count in counts.items() for _ in range(count)]
    return pl.DataFrame({"type": "purchase", "user_id": pl.Series(users, dtype=pl.String)})


def test_a_till_among_the_users_is_named_with_advice() -> None:
    people: dict[str | None, int] = {f"u{number}": 5 for number in range(600)}
    (said,) = crowds(purchases({**people, "till": 2_000, None: 9_000}))
    assert "'till' has 40% of the purchases" in said
    assert "without user_id" in said
    assert crowds(purchases({**people, None: 9_000})) == []
    assert crowds(purchases({**people, "till": 157})) == []
    assert len(crowds(purchases({**people, "till": 158}))) == 1, "5 % of all purchases"
    assert [one.split()[1] for one in crowds(purchases({**people, "a": 300, "b": 400}))] == ["'b'", "'a'"]


def test_a_good_customer_of_a_small_shop_is_not_taken_for_a_till() -> None:
    assert crowds(purchases({f"u{number}": 10 + 30 * (number == 0) for number in range(40)})) == []
    assert crowds(purchases({f"u{number}": 1 + 38 * (number == 0) for number in range(40)})) == []
    assert len(crowds(purchases({f"u{number}": 1 + 39 * (number == 0) for number in range(40)}))) == 1, "20 times the average"
    assert crowds(purchases({})) == []
    looks = purchases({"till": 100, **{f"u{number}": 1 for number in range(600)}}).with_columns(type=pl.lit("view"))
    assert crowds(looks) == []
