"""retire_images over real HTTP: what is kept, deprecated, deleted and released, and what guards an image."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import image
from fakes.old_world import ACCOUNT, DUE, FRESH, REGION, RETAINED, run, statuses, touching, world_of
from support import CloudClock, published, settings_for

from bench.old_images import DAY, NOW, deprecated, old_image, plan_of
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from shared.domain.image_tags import STATE
from shared.domain.plans import Plans
from shared.domain.release import RELEASE
from shared.domain.retire import KeepRules, Retire
from shared.domain.retirement import DiskImages, Retain
from shared.domain.retirement_facts import ImageEntry, StoredSnapshot, Users, candidate_of
from shared.domain.rules import rules_for
from shared.flows.retire_images import RetirementReport, retire_images
from shared.flows.retirement_view import judge
from shared.wiring import open_cloud, open_retirement


def after(world: WorldFile, **retire: Any) -> dict[str, str]:
    with LocalCloud(world) as cloud:
        run(cloud, **retire)
        return statuses(cloud)


def test_a_report_changes_nothing_and_counts_what_would_be_done() -> None:
    with LocalCloud(world_of(*FRESH, old_image(2), DUE)) as cloud:
        report = run(cloud)

        counts = {"kept": 2, "to_deprecate": 1, "to_delete": 1, "left_alone": 0}
        assert report.to_plain() == {"counts": counts, "held_back": {}, "told": 0}
        assert touching(cloud) == []


def test_what_is_not_kept_is_deprecated_told_and_marked() -> None:
    with LocalCloud(world_of(*FRESH, old_image(2))) as cloud:
        run(cloud, mode="deprecate")

        assert statuses(cloud) == {"m-0": "Available", "m-1": "Available", "m-2": "Deprecated"}
        assert cloud.ecs.store.images["m-2"].tags[STATE] == "checked retiring=2026-11-27T21:01Z"
        (told,) = [message["data"] for message in published(cloud)]
        assert (told["state"], told["reason"], told["image_id"], told["snapshot_id"], told["terminal"]) == (
            "retired", "ImageDeprecated", "m-2", "s-2", False,
        )  # fmt: skip
        assert told["image_status"] == "Deprecated"


def test_what_is_deprecated_for_long_enough_is_deleted_and_told() -> None:
    with LocalCloud(world_of(*FRESH, DUE)) as cloud:
        run(cloud, mode="delete")

        assert "m-30" not in statuses(cloud)
        assert [message["data"]["reason"] for message in published(cloud)] == ["ImageRetired"]
        assert RELEASE not in cloud.ecs.store.snapshots["s-30"].tags


@pytest.mark.parametrize(("seconds", "has_time"), [(110, False), (170, True)])
def test_a_run_touches_no_image_in_its_last_two_minutes(seconds: int, has_time: bool) -> None:
    with LocalCloud(world_of(*FRESH, old_image(2), DUE)) as cloud:
        run(cloud, timedelta(seconds=seconds), mode="delete")

        assert (statuses(cloud)["m-2"] == "Deprecated", "m-30" not in statuses(cloud)) == (has_time, has_time)


def test_nothing_is_deleted_in_the_run_that_marked_it() -> None:
    with LocalCloud(world_of(*FRESH, old_image(2))) as cloud:
        run(cloud, mode="delete", grace="1d")
        same_run = statuses(cloud)
        cloud.clock.advance(86_400 + 60)
        run(cloud, mode="delete", grace="1d")

        assert (same_run["m-2"], "m-2" in statuses(cloud)) == ("Deprecated", False)


def test_an_image_that_somebody_else_deprecated_begins_its_grace_when_it_is_marked() -> None:
    found = after(world_of(*FRESH, old_image(30, status="Deprecated")), mode="delete", grace="1d")

    assert found["m-30"] == "Deprecated"


def test_deprecating_mode_deletes_nothing() -> None:
    assert "m-30" in after(world_of(*FRESH, DUE), mode="deprecate")


GUARDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("used by an instance", {}, {"instances": [{"id": "i-1", "image": "m-30", "disks": [{"id": "d-1", "type": "system", "size_gib": 40}]}]}),
    ("shared", {"shared": True}, {}),
    ("public", {"public": True}, {}),
    ("pinned", {"tags": DUE["tags"] | {"snapimage:pinned": "yes"}}, {}),
    ("pinned without room", {"tags": DUE["tags"] | {STATE: "checked pinned retiring=2026-11-01T00:00Z"}}, {}),
    ("named by a launch template", {}, {"launch_templates": [{"id": "lt-1", "versions": [{"image": "m-other"}, {"image": "m-30"}, {"image": "m-new"}]}]}),
    ("named by a scaling configuration", {}, {"scaling_configurations": [{"id": "asc-1", "image": "m-30"}]}),
    ("named by its name", {}, {"scaling_configurations": [{"id": "asc-1", "image_name": "snapimage-s-30"}]}),
    ("the base of a pipeline", {}, {"image_pipelines": [{"id": "ip-1", "base": "m-30"}]}),
    ("being copied", {"task": "copying"}, {}),
    ("another's", {"tags": {"owner": "somebody"}}, {}),
    ("followed", {"tags": DUE["tags"] | {"snapimage:open": "yes"}}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("image", "parts"), [row[1:] for row in GUARDS], ids=[row[0] for row in GUARDS])
def test_what_guards_an_image_keeps_it(image: dict[str, Any], parts: dict[str, Any]) -> None:
    assert "m-30" in after(world_of(*FRESH, DUE | image, **parts), mode="delete")


def test_an_inactive_scaling_configuration_guards_nothing() -> None:
    configuration = {"id": "asc-1", "image": "m-30", "state": "Inactive"}

    assert "m-30" not in after(world_of(*FRESH, DUE, scaling_configurations=[configuration]), mode="delete")


def test_the_newest_of_a_family_is_kept() -> None:
    """The one whose snapshot began last is not the one that was made last."""
    late = old_image(30, family="web", created=NOW)
    found = after(world_of(old_image(0, family="web"), old_image(1), late), mode="delete")

    assert found["m-30"] == "Available"


@pytest.mark.parametrize(
    "action", ["DescribeLaunchTemplates", "DescribeScalingConfigurations", "DescribeImagePipelines", "DescribeDisks"]
)
def test_a_guard_that_cannot_be_read_keeps_every_image(action: str) -> None:
    fault = {"action": action, "times": 9, "error": {"status": 403, "code": "Forbidden.RAM", "message": "no"}}

    assert after(world_of(*FRESH, old_image(2), DUE, faults=[fault]), mode="delete") == {
        "m-0": "Available", "m-1": "Available", "m-2": "Available", "m-30": "Deprecated",
    }  # fmt: skip


@pytest.mark.parametrize("action", ["DescribeImages", "DescribeScalingConfigurations"])
def test_a_guard_that_cannot_be_read_again_keeps_the_image(action: str) -> None:
    fault = {
        "action": action,
        "after": 1,
        "times": 9,
        "error": {"status": 403, "code": "Forbidden.RAM", "message": "no"},
    }

    assert "m-30" in after(world_of(*FRESH, DUE, faults=[fault]), mode="delete")


def test_force_is_sent_nowhere() -> None:
    with LocalCloud(world_of(*FRESH, DUE, snapshots=RETAINED)) as cloud:
        run(cloud, mode="delete", snapshots="release")

        assert touching(cloud) == ["TagResources", "DeleteImage", "DeleteSnapshot"]


def test_too_many_at_once_are_all_left_and_said() -> None:
    with LocalCloud(world_of(*FRESH, DUE, deprecated(31, since_days=8))) as cloud:
        report = run(cloud, mode="delete", at_most=1)

        assert {"m-30", "m-31"} <= set(statuses(cloud))
        assert report.held_back == {"web delete": "2 of 4 would be deleted; at_most 1 allows 1"}


def test_an_expired_snapshot_is_released_with_its_image() -> None:
    image = deprecated(30, since_days=8, data=["s-data"])
    with LocalCloud(world_of(*FRESH, image, snapshots=RETAINED)) as cloud:
        run(cloud, mode="delete", snapshots="release")

        assert set(cloud.ecs.store.snapshots) == {"s-0", "s-1"}


KEPT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("ECS keeps it for ever", {"retention_days": None}, {}),
    ("its retention is not over", {"retention_days": 60}, {}),
    ("locked", RETAINED | {"locked_until": NOW + DAY}, {}),
    ("named by a template", RETAINED, {"launch_templates": [{"id": "lt-1", "versions": [{"snapshots": ["s-30"]}]}]}),
    ("named by a scaling configuration", RETAINED, {"scaling_configurations": [{"id": "asc-1", "snapshots": ["s-30"]}]}),
    ("made into a disk", RETAINED, {"detached_disks": [{"id": "d-new", "type": "data", "size_gib": 40, "source_snapshot": "s-30"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("snapshots", "parts"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_a_snapshot_that_is_needed_or_kept_by_ecs_stays(snapshots: dict[str, Any], parts: dict[str, Any]) -> None:
    with LocalCloud(world_of(*FRESH, DUE, snapshots=snapshots, **parts)) as cloud:
        run(cloud, mode="delete", snapshots="release")

        assert "s-30" in cloud.ecs.store.snapshots
        assert "m-30" not in statuses(cloud)


def test_a_snapshot_that_waits_remembers_that_its_image_was_told() -> None:
    with LocalCloud(world_of(*FRESH, DUE, snapshots=RETAINED | {"locked_until": NOW + DAY})) as cloud:
        report = run(cloud, mode="delete", snapshots="release")
        remembered = cloud.ecs.store.snapshots["s-30"].tags[RELEASE]
        run(cloud, mode="delete", snapshots="release")

        assert report.counts["snapshots_waiting"] == 1
        assert remembered.startswith("told web ")
        assert len(published(cloud)) == 1


def test_a_snapshot_that_another_image_needs_is_given_back() -> None:
    images = (old_image(0, data=["s-both"]), old_image(1), deprecated(30, since_days=8, data=["s-both"]))
    with LocalCloud(world_of(*images, snapshots=RETAINED)) as cloud:
        run(cloud, mode="delete", snapshots="release")

        assert RELEASE not in cloud.ecs.store.snapshots["s-both"].tags
        assert "s-30" not in cloud.ecs.store.snapshots


def test_what_a_crash_left_is_told_and_released_by_the_next_run() -> None:
    """Killed after the image was deleted: the status queue and the snapshots know nothing yet."""
    fault = {
        "action": "DescribeSnapshots",
        "after": 2,
        "times": 1,
        "error": {"status": 500, "code": "InternalError", "message": "no"},
    }
    with LocalCloud(world_of(*FRESH, DUE, snapshots=RETAINED, faults=[fault])) as cloud:
        with pytest.raises(Exception, match="InternalError"):
            run(cloud, mode="delete", snapshots="release")
        left = published(cloud)
        run(cloud, mode="delete", snapshots="release")

        assert left == []
        assert [message["data"]["reason"] for message in published(cloud)] == ["ImageRetired"]
        assert set(cloud.ecs.store.snapshots) == {"s-0", "s-1"}


def test_a_disk_that_is_gone_keeps_its_last_image_for_so_long() -> None:
    with LocalCloud(world_of(*FRESH, instances=[])) as cloud:
        run(cloud, mode="delete", gone="30d", keep={"last": 1})
        first = statuses(cloud), cloud.ecs.store.images["m-0"].tags[STATE]
        cloud.clock.advance(31 * 86_400)
        run(cloud, mode="delete", gone="30d", keep={"last": 1}, grace="1d")
        then = statuses(cloud)
        cloud.clock.advance(2 * 86_400)
        run(cloud, mode="delete", gone="30d", keep={"last": 1}, grace="1d")

        assert first == ({"m-0": "Available", "m-1": "Deprecated"}, "checked gone=2026-11-27T21:01Z")
        assert then == {"m-0": "Deprecated"}
        assert statuses(cloud) == {}


def test_without_a_plan_that_retires_nothing_is_asked() -> None:
    plans = Plans.model_validate({"region": REGION, "plans": [{"name": "web"}]})
    with LocalCloud(world_of(*FRESH, DUE)) as cloud:
        settings = settings_for(cloud)
        ports = open_cloud(settings, CloudClock(cloud))
        report = retire_images(rules_for(ACCOUNT, REGION, plans), ports, open_retirement(settings, ports))

        assert report == RetirementReport({}, {})
        assert cloud.journal.calls() == []


def test_an_image_that_ecs_does_not_delete_is_not_told_as_deleted() -> None:
    fault = {"action": "DeleteImage", "error": {"status": 403, "code": "ImageUsingByInstance", "message": "no"}}
    with LocalCloud(world_of(*FRESH, DUE, faults=[fault])) as cloud:
        report = run(cloud, mode="delete")

        assert (report.counts.get("deleted"), report.counts["troubles"], published(cloud)) == (None, 1, [])
        assert RELEASE not in cloud.ecs.store.snapshots["s-30"].tags


def test_a_snapshot_that_is_gone_keeps_no_image() -> None:
    image = deprecated(30, since_days=8, data=["s-data"])
    with LocalCloud(world_of(*FRESH, image, snapshots=RETAINED)) as cloud:
        cloud.ecs.store.snapshots.remove("s-data")
        run(cloud, mode="delete", snapshots="release")

        assert "m-30" not in statuses(cloud)


class ChangedMeanwhile:
    """Somebody deleted a snapshot, or took its note off, after it was listed."""

    def __init__(self, estate: Any, is_there: bool) -> None:
        self._estate = estate
        self._is_there = is_there

    def snapshots(self, snapshot_ids: Any) -> list[StoredSnapshot]:
        return [replace(each, tags={}) for each in self._estate.snapshots(snapshot_ids) if self._is_there]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._estate, name)


@pytest.mark.parametrize("is_there", [False, True], ids=["deleted", "its note taken off"])
def test_a_snapshot_that_changed_after_it_was_listed_is_let_wait(is_there: bool) -> None:
    with LocalCloud(world_of(*FRESH, DUE, snapshots=RETAINED)) as cloud:
        settings = settings_for(cloud)
        ports = open_cloud(settings, CloudClock(cloud))
        plans = Plans.model_validate({"region": REGION, "plans": [plan_of(mode="delete", snapshots="release")]})
        changed: Any = ChangedMeanwhile(open_retirement(settings, ports), is_there)
        report = retire_images(rules_for(ACCOUNT, REGION, plans), ports, changed)

        assert (report.counts["deleted"], "troubles" in report.counts) == (1, False)
        assert "DeleteSnapshot" not in touching(cloud)


def test_without_the_time_zone_of_its_plan_every_image_is_kept() -> None:
    candidate = candidate_of(ImageEntry(image(), ""))
    assert candidate
    images = DiskImages([candidate], {}, is_disk_gone=False)
    wanted = Retire(keep=KeepRules(last=1)).model_copy(update={"time_zone": "Mars/Olympus"})

    found = judge(("web", "d-sys"), images, Users(), frozenset(), wanted, NOW)
    assert found == {"m-1": Retain(("cannot be read: time zone Mars/Olympus",))}


def test_that_a_disk_is_gone_is_a_trouble_where_it_cannot_be_remembered() -> None:
    fault = {"action": "TagResources", "error": {"status": 403, "code": "Forbidden.RAM", "message": "no"}}
    with LocalCloud(world_of(FRESH[0], instances=[], faults=[fault])) as cloud:
        report = run(cloud, mode="delete", gone="30d")

        assert report.counts["troubles"] == 1
