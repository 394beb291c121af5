"""What `snapimage init` tells: the machines, what the plan means, and the next commands."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ops.counts import count
from ops.fleet_view.words import table
from ops.init.machines import ListedMachine, MachineList

MOST = 30
"""Lines of a listing."""
Say = Callable[[str], None]


def show_inventory(inventory: MachineList, account_id: str | None, say: Say) -> None:
    place = f"{inventory.region}, account {account_id}" if account_id else inventory.region
    say(f"{count(len(inventory.machines), 'machine')} in {place}")
    rows: list[tuple[str, ...]] = [("machine", "name", "status", "data disks", "snapshot policy", "tags")]
    for line in table([*rows, *map(_row, inventory.machines[:MOST])]):
        say(line)
    if len(inventory.machines) > MOST:
        say(f"and {len(inventory.machines) - MOST} more")
    tags = inventory.tags().most_common(MOST)
    _show_counts("tags of machines", [(f"{key}={value}", count) for (key, value), count in tags], say)
    _show_counts("snapshot policies, by disks", inventory.policies().most_common(MOST), say)


def _show_counts(title: str, counts: Sequence[tuple[str, int]], say: Say) -> None:
    say(f"{title}: " + (", ".join(f"{name} ({count})" for name, count in counts) or "none"))


def _row(machine: ListedMachine) -> tuple[str, ...]:
    system = machine.system_disk
    policy = ", ".join(sorted(system.policies)) or "none" if system else "no system disk"
    tags = " ".join(f"{key}={value}" for key, value in sorted(machine.tags.items()))
    return machine.id, machine.name, machine.status, str(len(machine.data_disks)), policy, tags


def find_doubts(found: Sequence[ListedMachine], takes_data_disks: bool) -> Iterator[str]:
    """What will keep these machines from an image, as far as it can be seen now."""
    bare = [machine.id for machine in found if machine.system_disk and not machine.system_disk.policies]
    if bare:
        yield f"no snapshot policy on the system disk of {_some(bare)}: no image until one is applied, or a snapshot taken"
    if lost := [machine.id for machine in found if machine.system_disk is None]:
        yield f"no system disk on {_some(lost)}: no image until it is back"
    disks = [disk.id for machine in found for disk in machine.data_disks if not disk.policies]
    if takes_data_disks and disks:
        yield f"no snapshot policy on the data disk {_some(disks)}: an image would wait for its snapshot, and then fail"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def next_commands(region: str, account_id: str | None, plans: Path, local: str | None = None) -> list[str]:
    """From a written file to a deployment, to be typed as they stand."""
    number, hint = (
        (account_id, "") if account_id else ("...", "  # the number of your account, as the console shows it")
    )
    file, there = ("", "") if str(plans) == "plans.yaml" else (f" {plans}", f" --plans {plans}")
    queues = local or "https://$ACCOUNT.mns.$SNAPIMAGE_REGION.aliyuncs.com"
    return [
        f"snapimage plans check{file}",
        f"snapimage preview --endpoint {local} --plans {plans}" if local else f"snapimage preview{there}",
        f"export ACCOUNT={number} SNAPIMAGE_REGION={region}{hint}",
        "export SNAPIMAGE_MNS_ENDPOINT=http://$ACCOUNT.mns.$SNAPIMAGE_REGION-internal.aliyuncs.com",
        f"snapimage setup --endpoint {queues} --out policies",
        *(() if local else ("# now the roles: step 5 of README.md",)),
        "snapimage build --deploy",
        *(() if local else ("s deploy",)),
        f"snapimage doctor --endpoint {local}" if local else "snapimage doctor",
    ]
