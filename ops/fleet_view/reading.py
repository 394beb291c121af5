"""An account of which a command may ask everything and change nothing: neither its ports nor the door to ECS let a change pass."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ops.account import open_account
from ops.rehearsal import Silence
from ops.session import Account
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_fleet import EcsFleet
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_report import EcsReport
from shared.adapters.throttling import Throttling
from shared.domain.rules import Rules
from shared.fleet_reader import FleetReader
from shared.flows.report_night import ReportSources
from shared.ports import Cloud
from shared.settings import Settings

QUESTIONS = ("Describe", "List", "Get")
"""How the names of actions begin that change nothing."""
CHANGES = frozenset({"create", "create_all", "tag", "set_family"})
"""What the ports have beside questions."""
LONGEST = timedelta(minutes=10)
"""So long throttling is waited out."""


class ChangeRefused(Exception):
    """A command that only reads was about to change something: a mistake in this project."""


class Questions(EcsCalls):
    """The door to ECS, for those who only ask."""

    def ask(self, action: str, request: Any) -> Any:
        if not action.startswith(QUESTIONS):
            raise ChangeRefused(f"{action} changes something, and this command only reads")
        return super().ask(action, request)


class AskingPort:
    """A port without its changes."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        if name in CHANGES:
            raise ChangeRefused(f"{name} changes something, and this command only reads")
        return getattr(self._port, name)


@dataclass(frozen=True)
class FleetReading:
    """What the commands of a fleet get."""

    settings: Settings
    rules: Rules
    cloud: Cloud
    """For the decision's own questions."""
    fleet: FleetReader
    night: ReportSources

    @property
    def account_id(self) -> str | None:
        """None where nobody told it: ECS knows it, and no question asks for it."""
        return None if self.settings.account_id == "0" else self.settings.account_id


def open_reading(endpoint: str | None, plans_file: Path | None) -> FleetReading:
    return read_only(open_account(endpoint, plans_file, tells=False))


def read_only(account: Account) -> FleetReading:
    clock = account.cloud.clock
    calls = Questions(account.settings, Throttling(clock, clock.now() + LONGEST))
    ports: list[Any] = [AskingPort(port(calls)) for port in (EcsSnapshots, EcsDisks, EcsImages)]
    cloud = replace(
        account.cloud, snapshots=ports[0], disks=ports[1], images=ports[2], queue=Silence(), calls=calls, deadline=None
    )
    night = ReportSources(EcsReport(calls, account.settings), clock, calls)
    return FleetReading(account.settings, account.rules, cloud, EcsFleet(calls), night)
