"""`snapimage make`: images by hand on a local cloud, through the flow of the functions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from made_up import MADE_UP_WORLD
from support import published

from files.errors import CommandError
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from ops.account import open_account
from ops.operate.make import make_missed, make_named
from ops.session import Account
from shared.domain.plans import Plans
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images

SNAPSHOT = "s-bp1goldsys"
QUOTA = {"status": 400, "code": "QuotaExceed.Image", "message": "full"}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


@pytest.fixture
def account(cloud: LocalCloud) -> Account:
    return open_account(cloud.endpoint, None, tells=True)


def make(account: Account, *ids: str, plan: str | None = None, dry_run: bool = False) -> tuple[bool, list[str]]:
    said: list[str] = []
    return make_named(ids, plan, account, dry_run, said.append), said


def make_since(account: Account, since: datetime, dry_run: bool = False) -> tuple[bool, list[str]]:
    said: list[str] = []
    return make_missed(since, account, dry_run, said.append), said


def with_plans(account: Account, *plans: dict[str, Any]) -> Account:
    return replace(account, plans=Plans.model_validate({"region": "cn-hangzhou", "plans": list(plans)}))


def made_of(cloud: LocalCloud) -> list[str]:
    return [image.tags["snapimage:snapshot"] for image in cloud.ecs.store.images.values()]


def told(cloud: LocalCloud) -> list[tuple[str, str, bool]]:
    facts = [message["data"] for message in published(cloud)]
    return [(fact["snapshot_id"], fact["reason"], fact["terminal"]) for fact in facts]


def outcome(cloud: LocalCloud, snapshot_id: str) -> str | None:
    return cloud.ecs.store.snapshots[snapshot_id].tags.get("snapimage:outcome")


def word(said: Sequence[str]) -> list[str]:
    return [line.split()[1] for line in said]


def test_a_snapshot_becomes_an_image_and_a_message_that_says_who_told_it(cloud: LocalCloud, account: Account) -> None:
    complete, said = make(account, SNAPSHOT)

    assert (complete, word(said), made_of(cloud)) == (True, ["creating/ImageRequested"], [SNAPSHOT])
    (message,) = published(cloud)
    assert message["source"] == "/snapimage/1234567890123456/cn-hangzhou/make"
    assert outcome(cloud, SNAPSHOT) == "requested until=2026-11-20T02:41Z"


def test_the_image_is_followed_like_every_other(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)
    cloud.clock.advance(200)

    track_images(account.rules, account.cloud)

    assert [reason for _, reason, _ in told(cloud)] == ["ImageRequested", "ImageAvailable"]


def test_the_sweep_does_not_make_it_once_more(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)

    reconcile_snapshots(account.rules, account.cloud)

    assert made_of(cloud).count(SNAPSHOT) == 1


@pytest.mark.parametrize("days", [0, 2, 400])
def test_a_snapshot_of_any_age_becomes_an_image(cloud: LocalCloud, account: Account, days: int) -> None:
    cloud.clock.advance(days * 86400)

    assert make(account, SNAPSHOT)[0]
    assert made_of(cloud) == [SNAPSHOT]


def test_what_began_before_the_plan_counts_becomes_an_image(cloud: LocalCloud, account: Account) -> None:
    late = with_plans(account, {"name": "gold", "since": "2026-11-20T02:00:00Z", "source": {"disks": ["d-bp1goldsys"]}})

    assert make(late, SNAPSHOT)[0]
    assert made_of(cloud) == [SNAPSHOT]


def test_a_settled_snapshot_is_refused_with_a_hint(cloud: LocalCloud, account: Account) -> None:
    make(account, SNAPSHOT)

    complete, said = make(account, SNAPSHOT)

    hint = f"{SNAPSHOT}: settled (requested until=2026-11-20T02:41Z); to have it made once more: snapimage forget {SNAPSHOT}"
    assert (complete, said, made_of(cloud)) == (False, [hint], [SNAPSHOT])


@pytest.mark.parametrize(
    ("snapshot_id", "problem"),
    [
        ("s-nope", "s-nope: not there"),
        ("s-bp1webdata20", "s-bp1webdata20: of a data disk; an image is made of a system disk's snapshot"),
        ("s-bp1oldsys", "s-bp1oldsys: plan legacy is disabled; name one: --plan NAME"),
    ],
)
def test_what_cannot_be_made_is_said(cloud: LocalCloud, account: Account, snapshot_id: str, problem: str) -> None:
    assert make(account, snapshot_id) == (False, [problem])
    assert (published(cloud), made_of(cloud)) == ([], [])


def test_of_several_plans_one_must_be_named(cloud: LocalCloud, account: Account) -> None:
    both = with_plans(account, {"name": "one"}, {"name": "two"})

    assert make(both, SNAPSHOT) == (False, [f"{SNAPSHOT}: plans one, two want it; name one: --plan NAME"])
    assert make(both, SNAPSHOT, plan="two")[0]
    (image,) = cloud.ecs.store.images.values()
    assert image.tags["snapimage:plan"] == "two"


@pytest.mark.parametrize("plan", ["build", "legacy"])
def test_a_plan_that_is_named_counts_whatever_it_would_choose(cloud: LocalCloud, account: Account, plan: str) -> None:
    assert make(account, "s-bp1websys19", plan=plan)[0]

    (image,) = cloud.ecs.store.images.values()
    assert image.tags["snapimage:plan"] == plan


def test_a_plan_that_there_is_not_is_refused(account: Account) -> None:
    with pytest.raises(CommandError, match="no plan gold; there are web, database"):
        make(account, SNAPSHOT, plan="gold")


def test_a_dry_run_shows_the_request_and_changes_nothing(cloud: LocalCloud, account: Account) -> None:
    complete, said = make(account, SNAPSHOT, dry_run=True)

    assert (complete, made_of(cloud), published(cloud), outcome(cloud, SNAPSHOT)) == (True, [], [], None)
    assert said[0].startswith(f"{SNAPSHOT}  would make snapimage-{SNAPSHOT}\n")
    assert '"SnapshotId": "s-bp1licences"' in said[0]


def test_a_refusal_that_can_be_cured_is_tried_at_once_when_the_operator_asks(
    cloud: LocalCloud, account: Account
) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "error": QUOTA})])
    make(account, SNAPSHOT)

    assert make(account, SNAPSHOT)[0]
    assert told(cloud) == [(SNAPSHOT, "QuotaExceeded", False), (SNAPSHOT, "ImageRequested", False)]


def test_a_wait_that_was_over_before_the_refusal_does_not_begin_anew(cloud: LocalCloud, account: Account) -> None:
    known = "refused QuotaExceeded until=2026-11-20T03:00Z code=x wait=2026-11-20T02:00Z"
    cloud.ecs.store.snapshots.retag(SNAPSHOT, {"snapimage:outcome": known})
    gone = with_plans(account, {"name": "gone", "data_disks": {"take": ["d-gone"]}})

    assert word(make(gone, SNAPSHOT)[1]) == ["failed/DataDiskSnapshotMissing"]


def test_a_refusal_of_what_no_sweep_sees_is_its_end(cloud: LocalCloud, account: Account) -> None:
    cloud.clock.advance(3 * 86400)
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "error": QUOTA})])

    make(account, SNAPSHOT)

    assert told(cloud) == [(SNAPSHOT, "QuotaExceeded", True)]
    assert outcome(cloud, SNAPSHOT) == "failed QuotaExceeded code=QuotaExceed.Image"


def test_what_waits_before_the_plan_counts_is_carried_to_its_end_by_the_sweep(
    cloud: LocalCloud, account: Account
) -> None:
    plan = {"name": "db", "since": "2026-11-20T02:05:00Z", "source": {"instances": ["i-bp1db01"]}}
    late = with_plans(account, plan | {"data_disks": {"take": "attached", "except": ["d-bp1dbdumps"]}})
    make(late, "s-bp1dbsys20")
    cloud.clock.advance(3600)

    reconcile_snapshots(late.rules, late.cloud)

    assert told(cloud) == [
        ("s-bp1dbsys20", "DataDiskSnapshotPending", False),
        ("s-bp1dbsys20", "ImageRequested", False),
    ]


def test_a_throttled_request_is_postponed_and_said(cloud: LocalCloud, account: Account) -> None:
    slow = {"status": 400, "code": "Throttling.User", "message": "slow down"}
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "error": slow})])

    complete, said = make(account, SNAPSHOT)

    assert (complete, said[0].split("; ")[-1]) == (False, "try again, or leave it to the sweep")
    assert (published(cloud), outcome(cloud, SNAPSHOT)) == ([], None)


def test_a_missed_night_is_made_up_for(cloud: LocalCloud, account: Account) -> None:
    night = datetime(2026, 11, 19, 1, 0, tzinfo=timezone.utc)

    complete, said = make_since(account, night)

    assert complete
    assert {"s-bp1websys19", "s-bp1dbsys19", "s-bp1dbsys19b", "s-bp1websys20"} <= set(made_of(cloud))
    assert (len(said), len(told(cloud))) == (15, 14)  # of one that is young the sweep decides later


def test_what_was_made_up_for_is_not_made_again(cloud: LocalCloud, account: Account) -> None:
    night = datetime(2026, 11, 19, 1, 0, tzinfo=timezone.utc)
    make_since(account, night)
    before = made_of(cloud)

    _, said = make_since(account, night)

    assert (made_of(cloud), word(said)) == (before, ["waiting/DataDiskSnapshotPending", "postponed"])


def test_what_began_before_the_missed_night_is_left_alone(cloud: LocalCloud, account: Account) -> None:
    make_since(account, datetime(2026, 11, 20, 1, 59, tzinfo=timezone.utc))

    assert {snapshot_id for snapshot_id, _, _ in told(cloud)} == {"s-bp1websys20", "s-bp1dbsys20"}


def test_a_dry_run_of_a_missed_night_changes_nothing(cloud: LocalCloud, account: Account) -> None:
    make_since(account, account.cloud.clock.now() - timedelta(days=3), dry_run=True)

    assert (made_of(cloud), published(cloud)) == ([], [])
    assert {outcome(cloud, snapshot_id) for snapshot_id in cloud.ecs.store.snapshots} == {None}


def test_without_a_queue_nothing_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text("region: cn-hangzhou\nplans: [{name: all}]\n")
    monkeypatch.delenv("SNAPIMAGE_MNS_ENDPOINT", raising=False)

    with pytest.raises(CommandError, match="SNAPIMAGE_MNS_ENDPOINT is not set"):
        open_account(None, file, tells=True)
