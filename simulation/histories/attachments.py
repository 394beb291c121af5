"""What was attached where, as what, and when: the truth that ECS itself does not keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from shared.domain.facts import Role
from simulation.histories.history import Happening, Move
from simulation.histories.machines import Machine

LONG_AGO = datetime(2026, 1, 1, tzinfo=timezone.utc)
FOR_EVER = datetime(2030, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Stay:
    """A disk on a machine, from `since` until just before `until`."""

    disk_id: str
    instance_id: str
    role: Role
    device: str
    since: datetime = LONG_AGO
    until: datetime = FOR_EVER


class AttachmentLog:
    def __init__(self, machines: Iterable[Machine], happenings: Sequence[Happening]) -> None:
        self._stays: dict[str, list[Stay]] = {}
        self._moved: dict[str, list[datetime]] = {}
        for machine in machines:
            for disk in machine.disks:
                self._stays[disk.id] = [Stay(disk.id, machine.id, disk.role, disk.device)]
        moves = sorted((move for each in happenings for move in each.moves), key=lambda move: move.at)
        for move in moves:
            self._add(move)

    def at(self, disk_id: str, moment: datetime) -> Stay | None:
        """Where a disk was."""
        stays = self._stays.get(disk_id, ())
        return next((stay for stay in stays if stay.since <= moment < stay.until), None)

    def last_on(self, disk_id: str, instance_id: str, moment: datetime) -> Stay | None:
        """The stay on this machine in which the moment lies."""
        stay = self.at(disk_id, moment)
        return stay if stay and stay.instance_id == instance_id else None

    def data_disks_on(self, instance_id: str, moment: datetime) -> list[Stay]:
        """In the order of their devices."""
        stays = [stay for disk_id in self._stays if (stay := self.last_on(disk_id, instance_id, moment))]
        return sorted((stay for stay in stays if stay.role is Role.DATA), key=lambda stay: stay.device)

    def was_moved(self, disk_id: str, since: datetime, until: datetime) -> bool:
        """Taken off, put on or released between the two moments."""
        return any(since < moment <= until for moment in self._moved.get(disk_id, ()))

    def came_from_elsewhere(self, disk_id: str, since: datetime, until: datetime) -> bool:
        """Whether ECS can tell that the disk was taken off or released since: only of such a one nobody can say where it was."""
        stays = self._stays.get(disk_id, ())
        return any(since <= stay.until <= until for stay in stays)

    def _add(self, move: Move) -> None:
        self._moved.setdefault(move.disk_id, []).append(move.at)
        stays = self._stays.setdefault(move.disk_id, [])
        if move.what == "put on":
            stays.append(Stay(move.disk_id, move.instance_id, move.role, move.device, move.at))
        elif stays and stays[-1].until == FOR_EVER:
            stays[-1] = replace(stays[-1], until=move.at)
