"""Writes the first plans.yaml: asks the cloud what there is, and its operator what is wanted."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from files.errors import CommandError
from ops import rpc
from ops.counts import count
from ops.init.choice import Choice, find_machines, read_machines, settle_name
from ops.init.machines import MachineList, list_region
from ops.init.plans_text import write_plans
from ops.init.show import find_doubts, next_commands, show_inventory
from ops.plans.check import check_plans
from ops.session import CloudSession
from shared.domain.errors import CloudError

Say = Callable[[str], None]
Ask = Callable[[str, str], str]
"""A question and what an empty answer means."""


@dataclass(frozen=True)
class FirstPlan:
    """What `snapimage init` was told by options."""

    choice: Choice
    file: Path
    is_forced: bool


def begin_plans(session: CloudSession, first: FirstPlan, ask: Ask | None, say: Say) -> None:
    """`ask` is missing where nobody can answer."""
    refuse_to_overwrite(first)
    account_id = find_account(session)
    inventory = list_region(session.ecs())
    show_inventory(inventory, account_id, say)
    choice = settle(first.choice, inventory, ask)
    found = find_machines(choice, inventory)
    choice = replace(choice, name=settle_name(choice, found))
    put_file(first.file, write_plans(session.region, choice, found, session.clock.now()))
    say(f"\n{first.file}: plan {choice.name} of {count(len(found), 'machine')}, from now on")
    for doubt in find_doubts(found, choice.data_disks == "attached"):
        say(f"note: {doubt}")
    say("next:")
    for command in next_commands(session.region, account_id, first.file, session.local):
        say(f"  {command}")


def list_machines(session: CloudSession, say: Say) -> None:
    """What there is, for programs."""
    found = list_region(session.ecs())
    machines = [
        {
            "id": machine.id,
            "name": machine.name,
            "status": machine.status,
            "tags": machine.tags,
            "system_disk": machine.system_disk.id if machine.system_disk else None,
            "data_disks": [disk.id for disk in machine.data_disks],
            "policies": sorted(machine.system_disk.policies) if machine.system_disk else [],
        }
        for machine in found.machines
    ]
    say(json.dumps({"region": found.region, "account_id": find_account(session), "machines": machines}, indent=2))


def refuse_to_overwrite(first: FirstPlan) -> None:
    if first.file.exists() and not first.is_forced:
        raise CommandError(f"{first.file}: is there already; --force overwrites it, --out writes another file")


def settle(choice: Choice, inventory: MachineList, ask: Ask | None) -> Choice:
    """What no option said is asked."""
    if choice.says_machines:
        return choice
    if not inventory.machines:
        raise CommandError(f"no machine in {inventory.region}: is it the right region? --region says another")
    if ask is None:
        raise CommandError("which machines? give --instance i-... or --instance-tag key=value")
    answer = ask("Machines, as i-... or key=value, with spaces between", "")
    choice = read_machines(answer.split(), choice)
    if not choice.says_machines:
        raise CommandError("no machine was named")
    data_disks = ask("Their data disks: attached or none", choice.data_disks)
    if data_disks not in ("attached", "none"):
        raise CommandError(f"{data_disks!r}: the data disks are attached, or none")
    guess = settle_name(choice, find_machines(choice, inventory))
    return replace(choice, data_disks=data_disks, name=ask("Name of the plan", guess))


def find_account(session: CloudSession) -> str | None:
    """Needs no right (API reference GetCallerIdentity); without an answer the commands are printed with a blank."""
    try:
        return str(rpc.read(session, rpc.STS, "GetCallerIdentity").get("AccountId") or "") or None
    except CloudError:
        return None


def put_file(file: Path, text: str) -> None:
    """Checked before it is there: what is written passes `plans check`."""
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(text, encoding="utf-8")
    try:
        check_plans(draft)
    except CommandError:
        draft.unlink()
        raise
    draft.replace(file)


def can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
