"""What a report's own values say of themselves."""

from dataclasses import replace

import pytest
from fakes.builders import ACCOUNT, NOW, REGION

from shared.domain.report import NightFacts, report
from shared.domain.report_envelope import envelope_report
from shared.domain.report_message import ImageQuota, MachineEntries, MachineEntry


@pytest.mark.parametrize(("limit", "used", "left"), [(10, 3, 7), (10, 10, 0), (10, 12, 0)])
def test_there_is_never_less_than_no_room(limit: int, used: int, left: int) -> None:
    assert ImageQuota(limit, used).left == left


def test_a_machine_is_measured_in_bytes_and_not_in_letters() -> None:
    short, long = (MachineEntry("i-1", name, None, False, None, "") for name in ("ab", "机器"))

    assert long.bytes_in_message - short.bytes_in_message == 4


@pytest.mark.parametrize("name", ["the web one", "机器", "half a pair: \ud800"])
def test_a_machine_is_as_large_as_the_message_grows_by_it(name: str) -> None:
    entry = MachineEntry("i-1", name, "web", True, 3600, "why")
    told = report(NightFacts(ACCOUNT, REGION, NOW))
    sizes = [
        len(envelope_report(replace(told, stale=MachineEntries((entry,) * count, 0)), "", NOW).to_json().encode())
        for count in (1, 2)
    ]

    assert sizes[1] - sizes[0] == entry.bytes_in_message
