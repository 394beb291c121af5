"""An explanation is the decision of the sweep and of the event, with the facts that were asked for; nothing is changed by it."""

from fakes.builders import plan, rules, system_disk, system_snapshot
from fakes.world import World, world

from shared.domain.decision import Kind
from shared.domain.errors import Curable
from shared.domain.facts import Snapshot
from shared.flows.explain import Explanation, explain_snapshot

WEB = rules(plan(source={"instances": ["i-web"]}), plan("other", source={"disks": ["d-other"]}))


def explain(there: World, snapshot: Snapshot) -> Explanation:
    return explain_snapshot(snapshot, WEB, there.cloud)


def test_a_snapshot_that_would_become_an_image_shows_the_request_and_makes_none() -> None:
    there = world(system_snapshot(), system_disk())

    found = explain(there, there.snapshots["s-sys"])

    assert found.request is not None
    assert (there.images, there.messages, there.outcome()) == ({}, [], None)


def test_every_plan_says_whether_it_wants_it() -> None:
    there = world(system_snapshot(), system_disk())

    assert explain(there, there.snapshots["s-sys"]).plans == (
        ("web", "wants it"),
        ("other", "does not want disk d-sys"),
    )


def test_the_facts_are_those_that_were_asked_for() -> None:
    there = world(system_snapshot(), system_disk())

    asked = explain(there, there.snapshots["s-sys"]).asked

    assert ("by id: disk", "d-sys") in {(each.kind.value, each.id) for each in asked}


def test_a_fact_that_only_another_plan_would_need_is_none_of_them() -> None:
    there = world(system_snapshot(), system_disk())
    by_tag = plan("tagged", source={"instance_tags": {"role": "web"}})

    found = explain_snapshot(there.snapshots["s-sys"], rules(plan(), by_tag), there.cloud)

    assert "DescribeInstances" in there.actions
    assert Kind.INSTANCE not in {each.kind for each in found.asked}


def test_a_question_that_is_refused_is_told_as_a_fact() -> None:
    there = world(system_snapshot(), system_disk())
    there.refuses["DescribeDisks"] = Curable("Forbidden.RAM", "no", 403)

    found = explain(there, there.snapshots["s-sys"])

    assert found.answer.trouble is not None
    assert [str(each) for each in found.asked.values() if isinstance(each, Curable)] == ["Forbidden.RAM: no"]


def test_an_end_is_explained_as_the_end() -> None:
    there = world(system_snapshot(tags={"snapimage:outcome": "failed SnapshotFailed"}), system_disk())

    found = explain(there, there.snapshots["s-sys"])

    assert (found.status.state.value if found.status else None, found.is_swept) == ("failed", False)
