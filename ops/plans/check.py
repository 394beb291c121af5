"""Checks a plans file beyond its shape: what cannot work, and plans that would claim the same disk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from files.errors import CommandError
from files.places import OWN_PLANS, PLANS, ROOT
from files.yaml_model import Document, check_model, read_document
from files.yaml_words import did_you_mean
from ops.counts import count
from ops.plans.clashes import FILTERS, find_clash
from ops.plans.regions import unknown_region
from shared.domain.plans import DataDisks, Plan, Plans

EXCEPTIONS = ("except_disks", "except_tags", "except_names")
EXAMPLE = "example"
"""In every id of plans.example.yaml; an id that ECS gives is a random row of letters and digits."""
Problem = tuple[tuple[str | int, ...], str]
"""Where in the file, and what."""


def check_plans(file: Path) -> str:
    """One line of praise; raises CommandError with every problem."""
    document = read_own(file)
    plans = check_model(document, Plans)
    refuse(document, list(find_problems(plans)))
    off = sum(not plan.enabled for plan in plans.plans)
    return f"{file}: {count(len(plans.plans), 'plan')} for {plans.region}" + (
        f", {off} of them disabled" if off else ""
    )


def read_plans(file: Path) -> Plans:
    """Raises CommandError with every problem of shape."""
    return check_model(read_own(file), Plans)


def read_own(file: Path) -> Document:
    if file == OWN_PLANS:
        refuse_another_clone(Path.cwd())
    if file == OWN_PLANS and not file.exists():
        raise CommandError(f"{file}: not in this folder; begin with: snapimage init")
    return read_document(file)


def refuse_another_clone(folder: Path) -> None:
    """There are two where a second region is deployed: one's plans would be packed into the other's functions."""
    if (folder / "s.yaml").exists() and (folder / "ops/cli.py").exists() and not folder.samefile(ROOT):
        raise CommandError(
            f"this folder is a clone of its own, and the command is that of {ROOT}: export PATH={folder}/.venv/bin:$PATH"
        )


def refuse(document: Document, problems: Sequence[Problem]) -> None:
    if problems:
        raise CommandError("\n".join(document.problem(*problem) for problem in problems))


def find_problems(plans: Plans) -> Iterator[Problem]:
    """What has the right shape and cannot work."""
    if unknown := unknown_region(plans.region):
        yield ("region",), unknown
    for number, plan in enumerate(plans.plans):
        for loc, what in find_in_plan(plan):
            yield ("plans", number, *loc), what
    for (_, first), (number, second) in combinations(enumerate(plans.plans), 2):
        if clash := find_clash(first, second):
            yield ("plans", number), clash


def plans_to_stage(file: Path, say: Callable[[str], None]) -> Path:
    """In a checkout without plans of one's own the packages can still be built and looked at."""
    refuse_another_clone(Path.cwd())
    if file != OWN_PLANS or file.exists():
        return file
    say(f"{file}: not in this folder; the packages get the plans of the made-up world, which are not for deploying")
    return PLANS


def find_in_plan(plan: Plan) -> Iterator[Problem]:
    for name in FILTERS + EXCEPTIONS:
        if name in plan.source.model_fields_set and not getattr(plan.source, name):
            yield ("source", name), "is empty; leave it out, or say which"
    for disk in sorted(plan.source.disks & plan.source.except_disks):
        yield ("source", "except_disks"), f"{disk} is listed under `disks`, too"
    yield from ((("data_disks", *loc), what) for loc, what in find_in_data_disks(plan.data_disks))
    if plan.retire and (unknown := unknown_zone(plan.retire.time_zone)):
        yield ("retire", "time_zone"), unknown
    for loc, ids in ids_of(plan):
        for each in ids:
            if EXAMPLE in each:
                yield loc, f"{each} is the example's id; write your own"


def unknown_zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"no time zone {name} is known{did_you_mean(name, available_timezones())}"
    return None


def find_in_data_disks(rules: DataDisks) -> Iterator[Problem]:
    excepting = {"except": rules.except_, "except_tags": rules.except_tags, "except_names": rules.except_names}
    if rules.take == "none":
        for key in (key for key, value in excepting.items() if value):
            yield (key,), "excepts nothing beside `take: none`, which takes no disk"
    elif isinstance(rules.take, tuple):
        for disk in sorted(rules.except_ & set(rules.take)):
            yield ("except",), f"{disk} is listed under `take`, too"


def ids_of(plan: Plan) -> Iterator[tuple[tuple[str, ...], Iterable[str]]]:
    source, rules = plan.source, plan.data_disks
    yield ("source", "instances"), sorted(source.instances)
    yield ("source", "disks"), sorted(source.disks)
    yield ("source", "except_disks"), sorted(source.except_disks)
    yield ("data_disks", "take"), rules.take if isinstance(rules.take, tuple) else ()
    yield ("data_disks", "except"), sorted(rules.except_)
    yield ("data_disks", "snapshots"), rules.snapshots


def find_without_since(plans: Plans, document: Document, now: datetime) -> Iterator[Problem]:
    """A first deployment would make images of everything that lies in the window."""
    for number, plan in enumerate(plans.plans):
        if plan.enabled and plan.since is None:
            column = document.column(("plans", number))
            line = f"since: {now.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
            shown = f" `{line}`" if column is None else f" the line\n{' ' * column}{line}"
            what = f"an enabled plan says since when; snapshots that began earlier are left to you. Add{shown}"
            yield ("plans", number, "since"), what
