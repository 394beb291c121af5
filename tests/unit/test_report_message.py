"""What a report's own values say of themselves."""

import pytest

from shared.domain.report_message import ImageQuota, MachineEntry


@pytest.mark.parametrize(("limit", "used", "left"), [(10, 3, 7), (10, 10, 0), (10, 12, 0)])
def test_there_is_never_less_than_no_room(limit: int, used: int, left: int) -> None:
    assert ImageQuota(limit, used).left == left


def test_a_machine_is_measured_in_bytes_and_not_in_letters() -> None:
    short, long = (MachineEntry("i-1", name, None, False, None, "") for name in ("ab", "机器"))

    assert long.bytes_in_message - short.bytes_in_message == 4
