import numpy as np

from shelfwise_retriever.column import Column


def test_a_column_grows_and_keeps_its_values() -> None:
    column = Column(np.arange(3, dtype=np.int32))
    for value in range(3, 500):
        column.append(value)
    column.append(np.array([500, 501]))
    assert column.values.tolist() == list(range(502))
    assert column.values.dtype == np.int32


def test_rows_before_a_newly_put_row_are_filled() -> None:
    column = Column(np.zeros(2, np.float64))
    column.put(5, 1.5, np.nan)
    assert np.isnan(column.values[2:5]).all()
    assert column.values[[0, 1, 5]].tolist() == [0, 0, 1.5]


def test_a_read_only_array_is_copied_by_the_first_change_only() -> None:
    given = np.arange(4)
    given.flags.writeable = False
    column = Column(given)
    assert column.values is given
    column.put(1, 9, 0)
    assert given.tolist() == [0, 1, 2, 3]
    assert column.values.tolist() == [0, 9, 2, 3]


def test_values_read_before_an_append_do_not_change() -> None:
    column = Column(np.arange(2))
    before = column.values
    column.append(7)
    assert before.tolist() == [0, 1]
