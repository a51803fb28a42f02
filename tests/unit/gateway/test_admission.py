"""How many requests are answered at the same time."""

import pytest

from shelfwise.errors import Overloaded
from shelfwise_gateway.admission import Admission


def test_a_request_beyond_the_limit_is_refused_until_another_one_ends() -> None:
    admission = Admission(2)
    for _ in range(3):
        with admission, admission, pytest.raises(Overloaded, match="expected at most 2 requests at the same time"), admission:
            pass
    assert admission.in_flight == 0
