"""What the new plan is to be, and which machines that means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from files.errors import CommandError
from files.yaml_words import did_you_mean
from ops.init.machines import ListedMachine, MachineList
from shared.domain.plan_values import PLAN_NAME


@dataclass(frozen=True)
class Choice:
    """Machines by id or by tag, as `source.instances` and `source.instance_tags` of a plan."""

    instances: tuple[str, ...] = ()
    instance_tags: dict[str, str] = field(default_factory=dict)
    data_disks: str = "attached"
    name: str = ""

    @property
    def says_machines(self) -> bool:
        return bool(self.instances or self.instance_tags)


def read_machines(words: Sequence[str], choice: Choice) -> Choice:
    """Each word is an instance id, or a tag as key=value."""
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key:
            choice = replace(choice, instance_tags={**choice.instance_tags, key: value})
        elif re.fullmatch(r"i-[0-9A-Za-z-]+", word):
            choice = replace(choice, instances=(*choice.instances, word))
        else:
            raise CommandError(f"{word!r} is neither an instance, i-..., nor a tag, key=value")
    return choice


def find_machines(choice: Choice, inventory: MachineList) -> list[ListedMachine]:
    """As the plan will find them: one of the ids, and all of the tags. Raises CommandError when there is none."""
    known = {machine.id for machine in inventory.machines}
    if unknown := [each for each in choice.instances if each not in known]:
        hint = did_you_mean(unknown[0], sorted(known))
        raise CommandError(f"{', '.join(unknown)}: no such instance in {inventory.region}{hint}")
    found = [machine for machine in inventory.machines if _is_meant(machine, choice)]
    if not found:
        tags = " and ".join(f"{key}={value}" for key, value in choice.instance_tags.items())
        raise CommandError(f"no machine in {inventory.region} is tagged {tags}")
    return found


def settle_name(choice: Choice, found: Sequence[ListedMachine]) -> str:
    """As it was given, else after the tag or the machine, where that is a name for a plan."""
    tag = next(iter(choice.instance_tags.values()), "")
    guesses = [choice.name] if choice.name else [tag, found[0].name if len(found) == 1 else "", "machines"]
    name = next((guess for guess in guesses if re.fullmatch(PLAN_NAME, guess)), None)
    if name is None:
        raise CommandError(
            f"{choice.name!r} is no name for a plan: a letter, then letters, digits, _ and -, at most 40"
        )
    return name


def _is_meant(machine: ListedMachine, choice: Choice) -> bool:
    by_id = not choice.instances or machine.id in choice.instances
    return by_id and all(machine.tags.get(key) == value for key, value in choice.instance_tags.items())
