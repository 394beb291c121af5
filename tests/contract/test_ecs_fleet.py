"""The adapter that lists a region: every page, whatever moves meanwhile, and nothing as whole that is not."""

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from ecs_calls import call
from fakes.fleet import LONG, NIGHT, small_fleet, world_of
from support import settings_for

from bench.fleet import LargeFleet
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_fleet import EcsFleet
from shared.adapters.throttling import Throttling
from shared.domain.errors import OutcomeUnknown, Transient
from shared.domain.facts import Instance, SnapshotPolicy
from shared.wiring import SystemClock

FLEET = small_fleet()


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(world_of(FLEET)) as started:
        yield started


@pytest.fixture
def fleet(cloud: LocalCloud) -> EcsFleet:
    return EcsFleet(EcsCalls(settings_for(cloud), Throttling(SystemClock(), None)))


def by_id(found: Any) -> dict[str, Any]:
    return {each.id: each for each in found}


def test_machines_come_with_name_status_tags_and_age(fleet: EcsFleet) -> None:
    found = by_id(each for page in fleet.instances() for each in page)

    assert found["i-stopped"] == Instance("i-stopped", {"backup": "nightly"}, "the stopped one", "Stopped", LONG)


def test_a_machine_is_found_by_its_id(fleet: EcsFleet) -> None:
    assert [each.id if each else None for each in map(fleet.instance, ["i-stopped", "i-none"])] == ["i-stopped", None]


def test_policies_come_with_their_hours_and_days(fleet: EcsFleet) -> None:
    assert fleet.policies() == [NIGHT]


def test_a_policy_that_a_disk_names_is_there_without_a_word_in_the_world() -> None:
    machine = {"id": "i-1", "disks": [{"id": "d-1", "type": "system", "size_gib": 40, "policy": "sp-1"}]}
    with LocalCloud(WorldFile.model_validate({"instances": [machine]})) as cloud:
        found = EcsFleet(EcsCalls(settings_for(cloud), Throttling(SystemClock(), None))).policies()

    assert found == [SnapshotPolicy("sp-1", "", "Normal", (10,), (1, 2, 3, 4, 5, 6, 7))]


def test_more_than_a_hundred_policies_are_all_read() -> None:
    world = WorldFile.model_validate({"policies": [{"id": f"sp-{number}"} for number in range(230)]})
    with LocalCloud(world) as cloud:
        calls = EcsCalls(settings_for(cloud), Throttling(SystemClock(), None))
        found = EcsFleet(calls).policies()

    assert (len(found), len(calls.actions)) == (230, 3)


@pytest.mark.parametrize(("query", "count"), [({}, 1), ({"AutoSnapshotPolicyId": "sp-none"}, 0)])
def test_a_policy_is_found_by_its_id(cloud: LocalCloud, query: dict[str, str], count: int) -> None:
    reply = call(cloud, "DescribeAutoSnapshotPolicyEx", {"RegionId": "cn-hangzhou"} | query)["body"]

    assert (reply["TotalCount"], len(reply["AutoSnapshotPolicies"]["AutoSnapshotPolicy"])) == (count, count)


def test_images_are_ours_only(fleet: EcsFleet, cloud: LocalCloud) -> None:
    cloud.ecs.store.images.retag("m-stale72", {"owner": "somebody"})

    assert sorted(by_id(fleet.images())) == ["m-failing30", "m-fresh5", "m-rescued7", "m-stopped6"]


def test_an_image_is_found_by_its_id(fleet: EcsFleet) -> None:
    assert [each.id if each else None for each in map(fleet.image, ["m-fresh5", "m-none"])] == ["m-fresh5", None]


def test_snapshots_are_found_by_their_ids(fleet: EcsFleet) -> None:
    found = by_id(fleet.find_snapshots(["s-stale72", "s-none"]))

    assert found["s-stale72"].created == datetime(2026, 11, 17, 2, 10, tzinfo=timezone.utc)


class Shrinking(LargeFleet):
    """Promises one image more than it shows, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__(8)
        self.times = times

    def DescribeImages(self, request: Any) -> dict[str, Any]:  # noqa: N802 - the action's own name
        reply = super().DescribeImages(request)
        if self.times and request.page_number == 2:
            self.times -= 1
            reply["Images"]["Image"] = reply["Images"]["Image"][1:]
        return reply


def test_images_that_move_while_they_are_listed_are_listed_again() -> None:
    calls = Shrinking(2)

    assert len(EcsFleet(calls).images()) == 112
    assert calls.actions == ["DescribeImages"] * 6


class Unreadable(LargeFleet):
    """One image of a page has no id."""

    def __init__(self, page: int) -> None:
        super().__init__(8)
        self.page = page

    def DescribeImages(self, request: Any) -> dict[str, Any]:  # noqa: N802 - the action's own name
        reply = super().DescribeImages(request)
        if request.page_number == self.page:
            reply["Images"]["Image"][7]["ImageId"] = None
        return reply


@pytest.mark.parametrize("page", [1, 2])
def test_an_image_that_cannot_be_read_is_no_missing_one(page: int) -> None:
    assert len(EcsFleet(Unreadable(page)).images()) == 111


def test_images_that_move_all_the_time_are_no_answer() -> None:
    with pytest.raises(Transient, match=r"ListingChanged: .* while they were listed, 3 times"):
        EcsFleet(Shrinking(99)).images()


class Refusing(LargeFleet):
    """Refuses a later page."""

    def __init__(self) -> None:
        super().__init__(8)

    def DescribeImages(self, request: Any) -> dict[str, Any]:  # noqa: N802 - the action's own name
        if request.page_number == 2:
            raise Transient("ServiceUnavailable", "later", 503)
        return super().DescribeImages(request)


def test_images_of_which_a_page_is_refused_are_no_answer() -> None:
    with pytest.raises(Transient, match="ServiceUnavailable"):
        EcsFleet(Refusing()).images()


class Endless(LargeFleet):
    """Says that there are more policies than it ever shows."""

    def __init__(self) -> None:
        super().__init__(1)
        self.pages: list[int] = []

    def DescribeAutoSnapshotPolicyEx(self, request: Any) -> dict[str, Any]:  # noqa: N802
        self.pages.append(request.page_number)
        return super().DescribeAutoSnapshotPolicyEx(request) | {"TotalCount": 10**6}


def test_policies_without_end_are_no_answer() -> None:
    calls = Endless()

    with pytest.raises(OutcomeUnknown, match="no end after 50 pages"):
        EcsFleet(calls).policies()
    assert calls.pages == list(range(1, 51))


class Spoilt(LargeFleet):
    """One reply is other than documented."""

    def __init__(self, action: str, **changes: Any) -> None:
        super().__init__(20)
        self.action, self.changes = action, changes

    def ask(self, action: str, request: Any) -> Any:
        reply = super().ask(action, request)
        for name, value in self.changes.items() if action == self.action else ():
            setattr(reply, name, value)
        return reply


def answering(action: str, **reply: object) -> Spoilt:
    calls = Spoilt("")
    setattr(calls, action, lambda request: reply)
    return calls


def test_images_without_a_total_are_no_answer() -> None:
    with pytest.raises(OutcomeUnknown):
        EcsFleet(Spoilt("DescribeImages", total_count=None)).images()


def test_a_machine_that_cannot_be_read_is_no_answer() -> None:
    with pytest.raises(OutcomeUnknown):
        list(EcsFleet(answering("DescribeInstances", Instances={"Instance": [{"InstanceId": 7}]})).instances())


def policies_of(*entries: dict[str, Any], total: object) -> list[SnapshotPolicy]:
    reply = {"TotalCount": total, "AutoSnapshotPolicies": {"AutoSnapshotPolicy": [*entries]}}
    return EcsFleet(answering("DescribeAutoSnapshotPolicyEx", **reply)).policies()


@pytest.mark.parametrize("odd", [
    {"TimePoints": "no JSON"}, {"TimePoints": json.dumps({"a": 1})}, {"TimePoints": json.dumps(["x"])},
    {"AutoSnapshotPolicyId": "sp 1"}, {"AutoSnapshotPolicyName": 7}, {"Status": 7},
])  # fmt: skip
def test_a_policy_that_cannot_be_read_is_no_answer(odd: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        policies_of({"AutoSnapshotPolicyId": "sp-1"} | odd, total=1)


def test_what_ecs_leaves_out_of_a_policy_or_a_machine_is_left_out() -> None:
    machines = answering("DescribeInstances", Instances={"Instance": [{"InstanceId": "i-1"}]})

    assert list(EcsFleet(machines).instances()) == [[Instance("i-1", {}, "", "", None)]]
    assert policies_of({"AutoSnapshotPolicyId": "sp-1"}, total="1") == [SnapshotPolicy("sp-1", "", "", (), ())]
