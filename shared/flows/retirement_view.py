"""Gathers what retirement decides by, page by page, and decides: the same for a report and for a deletion."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.domain.account_images import AccountImages, GroupKey
from shared.domain.errors import CloudError
from shared.domain.retirement import DiskImages, HeldBack, Retain, RetirementStep, hold_back, judge_images
from shared.domain.retirement_facts import Candidate, Users
from shared.domain.rules import Rules
from shared.flows.image_users import ImageUsers
from shared.ports import Cloud
from shared.retirement_ports import Retirement

if TYPE_CHECKING:
    from shared.domain.retire import Retire

AT_ONCE = 100


@dataclass
class RetirementView:
    """What was found, and what is to become of each image."""

    wanted: "Mapping[str, Retire]"
    """By the name of the plan."""
    inventory: AccountImages
    users: Users
    reader: ImageUsers
    began: dict[str, datetime]
    gone: frozenset[str] | None
    """System disks that do not exist any more; None when nobody can tell."""
    steps: dict[str, RetirementStep] = field(default_factory=dict)

    def disk_images(self, key: GroupKey, images: Sequence[Candidate] | None = None) -> DiskImages:
        is_gone = None if self.gone is None else key[1] in self.gone
        return DiskImages(self.inventory.groups.get(key, []) if images is None else images, self.began, is_gone)


def retiring_plans(rules: Rules) -> "dict[str, Retire]":
    """Those that are enabled and retire images, if only to report: a plan that is off touches nothing."""
    return {plan.name: plan.retire for plan in rules.plans.plans if plan.enabled and plan.retire and plan.retire.is_on}


def view_retirement(wanted: "Mapping[str, Retire]", cloud: Cloud, estate: Retirement) -> RetirementView:
    inventory = AccountImages()
    for page in estate.own_images():
        inventory.take(page, wanted)
    reader = ImageUsers(estate)
    began = find_beginnings((image.snapshot_id for image in inventory.candidates), cloud)
    gone = find_gone({disk_id for _, disk_id in inventory.groups}, cloud)
    users = reader.read() if inventory.groups else Users()
    view = RetirementView(wanted, inventory, users, reader, began, gone)
    for plan in wanted:
        view.steps |= hold_back(_judge_plan(plan, view, cloud.clock.now()), wanted[plan])
    return view


def find_beginnings(snapshot_ids: Iterable[str], cloud: Cloud) -> dict[str, datetime]:
    """What cannot be asked is left out: an image whose beginning nobody knows is kept."""
    ids = sorted(set(snapshot_ids))
    began: dict[str, datetime] = {}
    for start in range(0, len(ids), AT_ONCE):
        try:
            found = cloud.snapshots.find(ids[start : start + AT_ONCE])
        except CloudError:
            continue
        began.update((each.id, each.created) for each in found)
    return began


def find_gone(disk_ids: Iterable[str], cloud: Cloud) -> frozenset[str] | None:
    wanted = sorted(disk_ids)
    try:
        found = {disk.id for disk in cloud.disks.find(wanted)}
    except CloudError:
        return None
    return frozenset(wanted) - found


def time_zone(name: str) -> tzinfo | None:
    """None where this machine has no such zone."""
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(name)
    return None


def judge(
    key: GroupKey, images: DiskImages, users: Users, heads: frozenset[str], wanted: "Retire", now: datetime
) -> dict[str, RetirementStep]:
    zone = time_zone(wanted.time_zone)
    if zone is None:
        return {image.id: Retain((f"cannot be read: time zone {wanted.time_zone}",)) for image in images.images}
    return judge_images(images, wanted, zone, users, heads, now)


def _judge_plan(plan: str, view: RetirementView, now: datetime) -> dict[str, RetirementStep]:
    steps: dict[str, RetirementStep] = {}
    heads = view.inventory.families.heads
    for key in view.inventory.groups:
        if key[0] == plan:
            steps |= judge(key, view.disk_images(key), view.users, heads, view.wanted[plan], now)
    return steps


def held_back(view: RetirementView) -> dict[str, str]:
    """By plan, why so many were held back."""
    found: dict[str, str] = {}
    for image in view.inventory.candidates:
        step = view.steps.get(image.id)
        if isinstance(step, HeldBack):
            found.setdefault(f"{image.plan} {'delete' if step.would_delete else 'deprecate'}", step.why)
    return found
