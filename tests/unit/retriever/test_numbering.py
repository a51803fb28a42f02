from shelfwise_retriever.numbering import Numbering


def test_a_key_has_the_number_of_its_position() -> None:
    numbering = Numbering(["milk", "bread", ""])
    assert [numbering.get(key) for key in ("milk", "bread", "", "oil")] == [0, 1, 2, None]


def test_keys_may_be_added_later_and_may_be_tuples() -> None:
    numbering = Numbering([("milk", "Own"), ("bread", "")])
    numbering.add(("milk", ""), 7)
    assert [numbering.get(key) for key in (("milk", "Own"), ("milk", ""), ("bread", ""))] == [0, 7, 1]


def test_an_empty_numbering_takes_new_keys() -> None:
    numbering = Numbering([])
    assert numbering.get("milk") is None
    numbering.add("milk", 0)
    assert numbering.get("milk") == 0
