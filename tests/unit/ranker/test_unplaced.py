"""Events of products that the catalog does not hold."""

from shelfwise_ranker.event_log import PURCHASE, VIEW
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.unplaced import Told, Unplaced

EVENTS: list[Told] = [("a", 1.0, VIEW, 7), ("b", 2.0, VIEW, 8), ("a", 3.0, PURCHASE, 8)]


def test_unplaced_events_are_kept_until_their_product_comes_and_given_once() -> None:
    kept = Unplaced()
    kept.add(EVENTS)
    assert kept.take(["a", "unheard of"]) == [EVENTS[0], EVENTS[2]]
    assert kept.take(["a", "b"]) == [EVENTS[1]]


def test_moves_forget_and_rename_the_shoppers_of_unplaced_events() -> None:
    kept = Unplaced()
    kept.add(EVENTS)
    kept.move(Moves([(7, None), (8, 9)]))
    assert kept.take(["a", "b"]) == [("a", 3.0, PURCHASE, 9), ("b", 2.0, VIEW, 9)]


def test_moves_follow_chains_and_ignore_shoppers_without_unplaced_events() -> None:
    kept = Unplaced()
    kept.add(EVENTS)
    kept.take(["b"])
    kept.move(Moves([(8, 9), (9, 10), (11, None)]))
    assert kept.take(["a"]) == [EVENTS[0], ("a", 3.0, PURCHASE, 10)]
    kept.move(Moves([(10, None)]))


def test_no_more_unplaced_events_than_the_limit_are_kept() -> None:
    kept = Unplaced(most=2)
    kept.add(EVENTS[:1])
    kept.add(EVENTS[1:])
    assert kept.take(["a", "b"]) == EVENTS[:2]
    kept.add(EVENTS)
    assert kept.take(["b", "a"]) == [EVENTS[1], EVENTS[0]], "there is room again for what was given away"
