"""`snapimage forget`: outcomes taken off snapshots of a local cloud, in few calls, and what can be made of them then."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from made_up import MADE_UP_WORLD
from support import published

from files.errors import CommandError
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.account import open_account
from ops.operate.forget import ForgetSelection, forget_outcomes
from ops.operate.make import make_named
from ops.session import Account
from shared.flows.reconcile_snapshots import reconcile_snapshots

SNAPSHOT = "s-bp1websys20"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


@pytest.fixture
def account(cloud: LocalCloud) -> Account:
    return open_account(cloud.endpoint, None, tells=True)


def forget(
    account: Account, *ids: str, dry_run: bool = False, force: bool = False, **which: Any
) -> tuple[bool, list[str]]:
    said: list[str] = []
    return forget_outcomes(ForgetSelection(ids, **which), account, dry_run, force, said.append), said


def make(account: Account, *ids: str) -> bool:
    return make_named(ids, None, account, dry_run=False, say=lambda _: None)


def tags(cloud: LocalCloud, snapshot_id: str = SNAPSHOT) -> dict[str, str]:
    return {key: value for key, value in cloud.ecs.store.snapshots[snapshot_id].tags.items() if "snapimage" in key}


def images(cloud: LocalCloud) -> list[tuple[str, str]]:
    return [(image.name, image.status(cloud.clock.now())) for image in cloud.ecs.store.images.values()]


def fail_the_image(cloud: LocalCloud, account: Account) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "image": "CreateFailed"})])
    make(account, SNAPSHOT)
    cloud.clock.advance(600)


def delete_images(cloud: LocalCloud) -> None:
    for image_id in list(cloud.ecs.store.images):
        cloud.ecs.store.images.remove(image_id)


def test_a_snapshot_whose_image_was_deleted_becomes_an_image_once_more(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)
    delete_images(cloud)

    assert forget(account, SNAPSHOT)[0]
    assert tags(cloud) == {"snapimage:attempt": "2"}
    assert make(account, SNAPSHOT)
    assert images(cloud) == [(f"web-{SNAPSHOT}-2", "Creating")]


def test_the_sweep_takes_up_what_was_forgotten(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)
    delete_images(cloud)
    forget(account, SNAPSHOT)

    reconcile_snapshots(account.rules, account.cloud)

    assert (f"web-{SNAPSHOT}-2", "Creating") in images(cloud)


def test_an_image_that_failed_is_not_adopted_after_it(cloud: LocalCloud, account: Account) -> None:
    fail_the_image(cloud, account)

    assert forget(account, SNAPSHOT)[0]
    assert make(account, SNAPSHOT)
    assert images(cloud) == [(f"web-{SNAPSHOT}", "CreateFailed"), (f"web-{SNAPSHOT}-2", "Creating")]


def test_each_forgetting_is_another_attempt(cloud: LocalCloud, account: Account) -> None:
    for _ in range(2):
        make(account, SNAPSHOT)
        delete_images(cloud)
        forget(account, SNAPSHOT)

    assert tags(cloud) == {"snapimage:attempt": "3"}


def test_a_snapshot_whose_image_is_there_is_kept(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)
    (image,) = cloud.ecs.store.images.values()

    complete, said = forget(account, SNAPSHOT)

    assert (complete, tags(cloud)) == (False, {"snapimage:outcome": "requested until=2026-11-20T02:41Z"})
    assert said[0] == f"{SNAPSHOT}: kept, its image {image.id} is there; delete it first, or --force"


def test_force_forgets_even_then(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)

    assert forget(account, SNAPSHOT, force=True)[0]
    assert tags(cloud) == {"snapimage:attempt": "2"}


def test_a_dry_run_lists_and_changes_nothing(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1weblone")
    before = tags(cloud, "s-bp1weblone")

    complete, said = forget(account, "s-bp1weblone", dry_run=True)

    assert (complete, tags(cloud, "s-bp1weblone")) == (True, before)
    assert said == ["would forget  s-bp1weblone  failed DataDiskSnapshotMissing  attempt 2"]


def test_the_disks_that_were_seen_first_are_forgotten_too(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1dbsys20")
    assert set(tags(cloud, "s-bp1dbsys20")) == {"snapimage:outcome", "snapimage:disks.1"}

    forget(account, "s-bp1dbsys20")

    assert tags(cloud, "s-bp1dbsys20") == {"snapimage:attempt": "2"}


def test_of_a_plan_those_begun_since_are_forgotten(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1weblone", "s-bp1buildbad")

    complete, said = forget(account, plan="web", since=datetime(2026, 11, 19, 14, 0, tzinfo=timezone.utc))

    assert (complete, said[0]) == (True, "forgot  s-bp1weblone  failed DataDiskSnapshotMissing  attempt 2")
    assert tags(cloud, "s-bp1buildbad") == {"snapimage:outcome": "failed SnapshotFailed"}


def test_of_a_plan_those_begun_earlier_are_kept(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1weblone")

    _, said = forget(account, plan="web", since=datetime(2026, 11, 19, 14, 0, 1, tzinfo=timezone.utc))

    assert said == ["nothing to forget: no outcome on any of them"]


def test_a_plan_that_there_is_not_is_refused(account: Account) -> None:
    with pytest.raises(CommandError, match="no plan wbe; there are web, database"):
        forget(account, plan="wbe", since=account.cloud.clock.now() - timedelta(days=1))


def test_what_is_not_there_is_said_and_keeps_nobody_else(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1weblone")

    complete, said = forget(account, "s-bp1weblone", "s-nope", "s-bp1goldsys")

    assert (complete, tags(cloud, "s-bp1weblone")) == (False, {"snapimage:attempt": "2"})
    assert said[:2] == ["s-nope: not there, in cn-hangzhou", "s-bp1goldsys: has no outcome"]


def test_a_snapshot_whose_tags_are_all_taken_has_room_for_the_attempt(cloud: LocalCloud, account: Account) -> None:
    make(account, "s-bp1weblone")
    account.cloud.snapshots.tag(["s-bp1weblone"], {f"own{number}": "x" for number in range(19)})

    assert forget(account, "s-bp1weblone")[0]
    assert tags(cloud, "s-bp1weblone") == {"snapimage:attempt": "2"}


def test_a_hundred_and_twenty_cost_three_calls_of_each_kind() -> None:
    disks = [{"id": f"d-{number}", "type": "system", "size_gib": 20} for number in range(120)]
    snapshots = [
        {
            "id": f"s-{number}",
            "disk": f"d-{number}",
            "type": "user",
            "started": "2026-11-20T02:00:00Z",
            "ended": "2026-11-20T02:01:00Z",
            "tags": {"snapimage:outcome": "failed EcsRefused"},
        }
        for number in range(120)
    ]
    world = WorldFile.model_validate({"detached_disks": disks, "snapshots": snapshots})
    with LocalCloud(world) as cloud:
        account = open_account(cloud.endpoint, None, tells=False)
        complete, _ = forget(account, *(f"s-{number}" for number in range(120)))
        calls = Counter(call.action for call in cloud.journal.calls(0))

    assert complete
    assert calls == {"DescribeSnapshots": 2, "TagResources": 3, "UntagResources": 3}


def test_a_message_is_told_of_the_second_image_as_of_the_first(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)
    delete_images(cloud)
    forget(account, SNAPSHOT)
    make(account, SNAPSHOT)

    first, second = published(cloud)
    assert (first["data"]["state"], second["data"]["state"]) == ("creating", "creating")
    assert first["id"] != second["id"]
