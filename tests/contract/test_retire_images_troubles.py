"""What a run does where ECS refuses it, where others change things meanwhile, and what it counts and logs of that."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from fakes.blind import Proxy
from fakes.old_world import ACCOUNT, DUE, FRESH, REGION, RETAINED, run, statuses, touching, world_of
from support import CloudClock, settings_for

from bench.old_images import DAY, NOW, deprecated, old_image, plan_of
from localcloud.server import LocalCloud
from shared.domain.errors import Transient
from shared.domain.image_marks import PIN, Marks
from shared.domain.image_tags import OPEN, STATE
from shared.domain.plans import Plans
from shared.domain.release import RELEASE
from shared.domain.retirement_facts import ImageEntry
from shared.domain.rules import rules_for
from shared.flows.retire_images import RetirementReport, retire_images
from shared.wiring import open_cloud, open_retirement

OLD = old_image(2)
"""It is to be deprecated."""
BROUGHT_BACK = old_image(30, marks=Marks("checked", retiring=NOW - 20 * DAY)) | {"status": "Available"}


def refusing(action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "times": 9, "error": {"status": 403, "code": "Forbidden.RAM", "message": "no"}} | more


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """What was logged, as far as it is about troubles."""
    caplog.set_level(logging.INFO, "snapimage")
    return lambda: [json.loads(each) for each in caplog.messages]


def troubles(lines: Any) -> list[tuple[str, str, str]]:
    found = [each for each in lines() if each.get("state") == "trouble"]
    assert {each["function"] for each in found} == {"retire_images"}
    return [(each["subject"], each["code"], each["text"]) for each in found]


def test_what_a_run_did_is_counted_and_logged(lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, OLD, DUE, snapshots=RETAINED)) as cloud:
        report = run(cloud, mode="delete", snapshots="release")

    decided = {"kept": 2, "to_deprecate": 1, "to_delete": 1, "left_alone": 0}
    assert report.counts == decided | {"deprecated": 1, "deleted": 1, "snapshots_deleted": 1}
    assert lines()[-1] == {"function": "retire_images"} | report.counts
    assert [each.image_id for each in report.told] == ["m-2", "m-30"]


def test_every_image_is_counted_by_what_becomes_of_it() -> None:
    images = (*FRESH, deprecated(3, since_days=1), DUE | {"shared": True}, old_image(9, tags={}))
    with LocalCloud(world_of(*images)) as cloud:
        assert run(cloud).counts == {"kept": 2, "in_grace": 1, "guarded": 1, "left_alone": 1}


def test_what_is_held_back_is_counted_and_said(lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, OLD, old_image(3))) as cloud:
        report = run(cloud, mode="deprecate", at_most=1)

    why = "2 of 4 would be deprecated; at_most 1 allows 1"
    assert report.held_back == {"web deprecate": why}
    assert report.counts == {"kept": 2, "held_back": 2, "left_alone": 0, "troubles": 1}
    assert troubles(lines) == [("web deprecate", "HeldBack", why)]


def test_the_oldest_are_deprecated_first() -> None:
    with LocalCloud(world_of(*FRESH, old_image(3), old_image(5), old_image(4))) as cloud:
        report = run(cloud, mode="deprecate")

    assert [each.image_id for each in report.told] == ["m-5", "m-4", "m-3"]


@pytest.mark.parametrize("changes", [{"enabled": False}, {"retire": plan_of(mode="off")["retire"]}])
def test_a_plan_that_is_off_or_retires_nothing_asks_nothing(changes: dict[str, Any]) -> None:
    plans = Plans.model_validate({"region": REGION, "plans": [plan_of(mode="delete") | changes]})
    with LocalCloud(world_of(*FRESH, DUE)) as cloud:
        settings = settings_for(cloud)
        ports = open_cloud(settings, CloudClock(cloud))
        report = retire_images(rules_for(ACCOUNT, REGION, plans), ports, open_retirement(settings, ports))

        assert (report, cloud.journal.calls()) == (RetirementReport({}, {}), [])


@pytest.mark.parametrize(
    ("image", "calls"),
    [
        (old_image(30), ["ModifyImageAttribute", "TagResources"]),
        (old_image(30, status="Deprecated"), ["TagResources"]),
        (BROUGHT_BACK, ["TagResources", "ModifyImageAttribute", "TagResources"]),
    ],
    ids=["available", "deprecated by somebody", "brought back"],
)
def test_an_old_mark_goes_before_and_the_new_one_comes_after(image: dict[str, Any], calls: list[str]) -> None:
    with LocalCloud(world_of(*FRESH, image)) as cloud:
        run(cloud, mode="deprecate")

        assert touching(cloud) == calls
        assert cloud.ecs.store.images["m-30"].tags[STATE] == "checked retiring=2026-11-27T21:01Z"


@pytest.mark.parametrize("image", [old_image(30), BROUGHT_BACK], ids=["available", "brought back"])
def test_an_image_that_is_not_deprecated_is_neither_told_nor_marked(image: dict[str, Any], lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, image, faults=[refusing("ModifyImageAttribute")])) as cloud:
        report = run(cloud, mode="deprecate")

        assert (report.told, report.counts["deprecated"], report.counts["troubles"]) == ((), 0, 1)
        assert cloud.ecs.store.images["m-30"].tags[STATE] == "checked"
    ((image_id, code, text),) = troubles(lines)
    assert (image_id, code, text.partition(":")[0]) == ("m-30", "Forbidden.RAM", "not deprecated")


@pytest.mark.parametrize(
    ("status", "line"),
    [(403, ("m-2", "Code", "not remembered")), (500, ("1 images", "Code", "deprecated, and not marked"))],
)
def test_what_was_deprecated_and_cannot_be_marked_is_in_the_log(status: int, line: Any, lines: Any) -> None:
    fault = refusing("TagResources", error={"status": status, "code": "Code", "message": "no"})
    with LocalCloud(world_of(*FRESH, OLD, faults=[fault])) as cloud:
        report = run(cloud, mode="deprecate")

    assert ([each.image_id for each in report.told], report.counts["deprecated"]) == (["m-2"], 1)
    assert troubles(lines) == [line]


def test_what_the_queue_does_not_take_is_not_marked_and_is_told_by_the_next_run() -> None:
    fault = refusing("SendMessage", times=1, error={"status": 500, "code": "InternalError", "message": "no"})
    with LocalCloud(world_of(*FRESH, OLD, faults=[fault])) as cloud:
        with pytest.raises(Transient):
            run(cloud, mode="deprecate")
        mark = cloud.ecs.store.images["m-2"].tags[STATE]
        report = run(cloud, mode="deprecate")

    assert (mark, [each.image_id for each in report.told]) == ("checked", ["m-2"])


def test_an_image_whose_snapshot_cannot_remember_it_is_not_deleted(lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, DUE, faults=[refusing("TagResources")])) as cloud:
        report = run(cloud, mode="delete")

        assert (touching(cloud), report.counts["troubles"]) == (["TagResources"], 1)
    assert troubles(lines) == [("m-30", "Forbidden.RAM", "kept: s-30 cannot remember its release")]


def test_where_snapshots_are_left_alone_only_that_of_the_system_disk_is_noted() -> None:
    with LocalCloud(world_of(*FRESH, deprecated(30, since_days=8, data=["s-data"]))) as cloud:
        run(cloud, mode="delete")

        assert touching(cloud) == ["TagResources", "DeleteImage", "UntagResources"]


def test_an_image_of_several_snapshots_is_told_of_once() -> None:
    image = deprecated(30, since_days=8, data=["s-data"])
    with LocalCloud(world_of(*FRESH, image, snapshots=RETAINED)) as cloud:
        report = run(cloud, mode="delete", snapshots="release")

    assert [(each.image_id, each.snapshot_id) for each in report.told] == [("m-30", "s-30")]


ANOTHER = DUE | {"id": "m-30b", "name": "another-of-s-30"}
"""Of the same snapshot."""


def test_of_two_images_of_one_snapshot_each_run_deletes_one_and_both_are_told(lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, DUE, ANOTHER)) as cloud:
        first = run(cloud, mode="delete")
        there = set(statuses(cloud))
        second = run(cloud, mode="delete")

    assert there == {"m-0", "m-1", "m-30b"}
    assert [each.image_id for each in (*first.told, *second.told)] == ["m-30", "m-30b"]
    assert troubles(lines) == [("m-30b", "NotYetTold", "kept until the next run: s-30 still tells of m-30")]


def test_after_a_deletion_without_an_answer_its_snapshot_tells_of_no_other_image() -> None:
    fault = {"action": "DeleteImage", "reply": "not_json"}
    with LocalCloud(world_of(*FRESH, DUE, ANOTHER, faults=[fault])) as cloud:
        told = [each.image_id for _ in range(3) for each in run(cloud, mode="delete").told]

    assert told == ["m-30", "m-30b"]


@pytest.mark.parametrize(
    ("note", "told"),
    [("m-gone", ["m-gone"]), ("m-0", ["m-30"]), ("m-30", ["m-30"]), ("told", ["m-30"]), ("my own", ["m-30"])],
)
def test_only_what_is_still_to_be_told_of_another_image_keeps_an_image_for_a_day(note: str, told: list[str]) -> None:
    with LocalCloud(world_of(*FRESH, DUE)) as cloud:
        cloud.ecs.store.snapshots.retag("s-30", {RELEASE: f"{note} web 2026-11-26T21:01Z"})
        report = run(cloud, mode="delete")

    assert [each.image_id for each in report.told] == told


def test_an_image_is_kept_while_the_notes_on_its_snapshots_cannot_be_read(lines: Any) -> None:
    def refuse(port: Any, snapshot_ids: Any) -> Any:
        raise Transient("InternalError", "no", 500)

    with LocalCloud(world_of(*FRESH, DUE)) as cloud:
        run(cloud, wrap=lambda estate: Proxy(estate, snapshots=refuse), mode="delete")

        assert touching(cloud) == []
    assert troubles(lines) == [("m-30", "InternalError", "kept: the notes on its snapshots cannot be read: no")]


def test_a_deletion_that_got_no_answer_is_told_by_the_next_run(lines: Any) -> None:
    fault = {"action": "DeleteImage", "reply": "not_json"}
    with LocalCloud(world_of(*FRESH, DUE, snapshots=RETAINED, faults=[fault])) as cloud:
        first = run(cloud, mode="delete", snapshots="release")
        second = run(cloud, mode="delete", snapshots="release")

        assert (first.told, first.counts["troubles"], first.counts["snapshots_waiting"]) == ((), 1, 1)
        assert [(each.reason.value, each.image_id) for each in second.told] == [("ImageRetired", "m-30")]
    assert [(image_id, text.partition(":")[0]) for image_id, _, text in troubles(lines)] == [("m-30", "not deleted")]


def test_a_report_does_not_remember_that_a_disk_is_gone() -> None:
    with LocalCloud(world_of(*FRESH, instances=[])) as cloud:
        run(cloud, gone="30d")

        assert touching(cloud) == []


def test_an_image_that_is_still_followed_remembers_nothing_of_its_disk() -> None:
    followed = old_image(0)
    followed["tags"] = followed["tags"] | {OPEN: "yes"}
    with LocalCloud(world_of(followed, instances=[])) as cloud:
        run(cloud, mode="deprecate")

        assert touching(cloud) == []


def test_of_a_disk_that_may_be_there_again_nothing_goes() -> None:
    last = old_image(200, marks=Marks("checked", gone=NOW - 91 * DAY))
    with LocalCloud(world_of(last, instances=[], faults=[refusing("DescribeDisks", after=1)])) as cloud:
        run(cloud, mode="deprecate")

        assert statuses(cloud) == {"m-200": "Available"}


def test_what_nobody_knows_the_beginning_of_is_kept() -> None:
    with LocalCloud(world_of(*FRESH, OLD, faults=[refusing("DescribeSnapshots")])) as cloud:
        report = run(cloud, mode="deprecate")

    assert report.counts == {"kept": 3, "left_alone": 0}


@pytest.mark.parametrize("action", ["DescribeImages", "DescribeScalingConfigurations"])
def test_what_cannot_be_read_again_is_in_the_log(action: str, lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, OLD, faults=[refusing(action, after=1)])) as cloud:
        report = run(cloud, mode="deprecate")

        assert (statuses(cloud)["m-2"], report.counts["troubles"]) == ("Available", 1)
    assert len(troubles(lines)) == 1


class ImagesMeanwhile:
    """Somebody pinned the image, or deleted it, after it was listed."""

    def __init__(self, estate: Any, is_there: bool) -> None:
        self._estate = estate
        self._is_there = is_there

    def images_of_disk(self, disk_id: str) -> list[ImageEntry]:
        found = self._estate.images_of_disk(disk_id)
        others = [each for each in found if each.image.id != "m-2"]
        pinned = [
            replace(each, image=replace(each.image, tags=each.image.tags | {PIN: "yes"}))
            for each in found
            if each not in others and self._is_there
        ]
        return [*others, *pinned]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._estate, name)


@pytest.mark.parametrize(
    ("is_there", "text"), [(True, "kept: it would be Retain now"), (False, "gone meanwhile")], ids=["pinned", "deleted"]
)
def test_an_image_that_changed_after_it_was_listed_is_left_alone(is_there: bool, text: str, lines: Any) -> None:
    with LocalCloud(world_of(*FRESH, OLD)) as cloud:
        report = run(cloud, wrap=lambda estate: ImagesMeanwhile(estate, is_there), mode="deprecate")

        assert (touching(cloud), report.counts["changed"], report.counts["troubles"]) == ([], 1, 1)
    assert troubles(lines) == [("m-2", "Changed", text)]


def test_an_image_that_became_the_newest_of_its_family_meanwhile_is_kept() -> None:
    """The one that was it until then has left the family."""

    def only_this(estate: Any, family: str) -> list[ImageEntry]:
        return [each for each in estate.images_of_family(family) if each.image.id == "m-2"]

    images = (old_image(0, family="web"), old_image(1), old_image(2, family="web"))
    with LocalCloud(world_of(*images)) as cloud:
        report = run(cloud, wrap=lambda estate: Proxy(estate, images_of_family=only_this), mode="deprecate")

        assert (statuses(cloud)["m-2"], report.counts["to_deprecate"], report.counts["changed"]) == ("Available", 1, 1)
