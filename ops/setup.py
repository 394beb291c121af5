"""Prepares an account: the two queues, made or widened but never narrowed, and the policies to give to the role."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from typing_extensions import assert_never

from deploy.policies import DEAD_LETTER_QUEUE, FUNCTIONS, STATUS_QUEUE, read_policy
from files.errors import CommandError
from files.places import OWN_PLANS
from files.yaml_model import read_model
from ops.local.control import LocalControl, is_local
from ops.queues.access import find_access, find_endpoint, given_endpoint, has_keys
from ops.queues.attributes import Attributes, change_queue, create_queue, find_queue
from ops.queues.endpoint import place_of
from shared.adapters.mns_queue import QueueAccess
from shared.domain.plans import Plans

WANTED = Attributes(visibility_timeout=60, maximum_message_size=65536, message_retention_period=604800)
"""A minute to handle a message, the largest that MNS takes, and a week for a subscriber to come back."""

PEOPLE = {
    "subscriber": "snapimage watch",
    "invoker": "snapimage replay --to",
    "operator": "snapimage forget, make, pause and resume",
    "doctor": "snapimage init and doctor",
    "reader": "snapimage coverage, images, explain, preview and report",
}

AT_LEAST = {
    "visibility_timeout": "VisibilityTimeout",
    "maximum_message_size": "MaximumMessageSize",
    "message_retention_period": "MessageRetentionPeriod",
}
"""What is raised where it is smaller. The other attributes are their owner's business."""

POLICIES = (
    ("Trust policy of the functions' role", "trust", "trust.json"),
    *(
        (f"Permission policy of {function}", function, f"snapimage-{function.replace('_', '-')}.json")
        for function in FUNCTIONS
    ),
    *((f"Permission policy of whoever runs {what}", who, f"{who}.json") for who, what in PEOPLE.items()),
)
"""What each is, its template in deploy/ram, its file."""


@dataclass(frozen=True)
class SetupOptions:
    endpoint: str | None
    region: str | None
    account_id: str | None
    dry_run: bool
    out: Path | None
    plans: Path = OWN_PLANS
    """They say what the policies must allow."""


@dataclass(frozen=True)
class AccountPlace:
    region: str
    account_id: str
    plans: Plans | None = None


@dataclass(frozen=True)
class MakeQueue:
    attributes: Attributes


@dataclass(frozen=True)
class WidenQueue:
    attributes: Attributes
    changes: tuple[str, ...]


@dataclass(frozen=True)
class LeaveQueue:
    pass


def set_up(options: SetupOptions, say: Callable[[str], None]) -> None:
    """A dry run without keys, or without an endpoint, looks at no queue; the policies need none."""
    is_told = options.dry_run and options.region and options.account_id
    endpoint = given_endpoint(options.endpoint) if is_told else find_endpoint(options.endpoint)
    place = find_place(endpoint, options.region, options.account_id)
    if options.plans.exists():
        place = replace(place, plans=read_model(options.plans, Plans))
    if options.dry_run and not (endpoint and has_keys(endpoint)):
        say("queues: not looked at, for want of an endpoint or of keys in the environment")
    else:
        access = find_access(endpoint, None)
        for queue in (STATUS_QUEUE, DEAD_LETTER_QUEUE):
            say(settle_queue(replace(access, queue=queue), options.dry_run))
    if options.out is not None:
        write_policies(options.out, place, say)
        return
    for title, name, _ in POLICIES:
        say(f"\n{title}:")
        say(_policy(name, place))


def write_policies(out: Path, place: AccountPlace, say: Callable[[str], None]) -> None:
    """One file for each role or person, named as README and `s.yaml` name the role."""
    out.mkdir(parents=True, exist_ok=True)
    for title, name, file in POLICIES:
        (out / file).write_text(_policy(name, place) + "\n", encoding="utf-8")
        say(f"{out / file}: {title[0].lower()}{title[1:]}")


def settle_queue(access: QueueAccess, dry_run: bool) -> str:
    """What was done, or with `dry_run` what would be."""
    would = "would be " if dry_run else ""
    match plan_queue(find_queue(access)):
        case MakeQueue(attributes):
            if not dry_run:
                create_queue(access, attributes)
            told = ", ".join(f"{word} {getattr(attributes, name)}" for name, word in AT_LEAST.items())
            return f"{access.queue}: {would}created with {told}"
        case WidenQueue(attributes, changes):
            if not dry_run:
                change_queue(access, attributes)
            return f"{access.queue}: {would}changed: {', '.join(changes)}"
        case LeaveQueue():
            return f"{access.queue}: exists and is large enough; left as it is"
        case unreachable:
            assert_never(unreachable)


def plan_queue(existing: Attributes | None) -> MakeQueue | WidenQueue | LeaveQueue:
    if existing is None:
        return MakeQueue(WANTED)
    small = {name: getattr(WANTED, name) for name in AT_LEAST if getattr(existing, name) < getattr(WANTED, name)}
    if not small:
        return LeaveQueue()
    changes = tuple(f"{AT_LEAST[name]} from {getattr(existing, name)} to {size}" for name, size in small.items())
    return WidenQueue(replace(existing, **small), changes)


def find_place(endpoint: str, region: str | None, account_id: str | None) -> AccountPlace:
    """As the endpoint tells, or the local cloud behind it; the options must not contradict that."""
    told = _told_by(endpoint, not (region and account_id))
    for option, given, known in (("region", region, told[0]), ("account", account_id, told[1])):
        if given and known and given != known:
            raise CommandError(f"--{option} {given}: the endpoint {endpoint} is of {known}")
        if not (given or known):
            raise CommandError(f"no {option}: give --{option}, because the endpoint {endpoint} does not tell it")
    return AccountPlace(region or told[0] or "", account_id or told[1] or "")


def _told_by(endpoint: str, may_ask: bool) -> tuple[str | None, str | None]:
    if place := place_of(endpoint):
        return place.region, place.account_id
    if may_ask and is_local(endpoint):
        ready = LocalControl(endpoint).ready()
        return ready["region"], ready["account_id"]
    return None, None


def _policy(name: str, place: AccountPlace) -> str:
    return json.dumps(read_policy(name, place.region, place.account_id, place.plans), indent=2)
