"""The flows and the commands, connected to a local cloud: its keys, its endpoint, its clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from files.errors import CommandError
from files.yaml_model import read_model
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.local.control import LocalControl, settings_of
from ops.session import Account
from shared.domain.plans import Plans
from shared.settings import Settings
from shared.wiring import open_cloud


@contextmanager
def open_local(endpoint: str | None, world: Path, plans: Path) -> Iterator[Account]:
    """The running local cloud at `endpoint`; without one, a new one that lives as long as the context."""
    wanted = read_model(plans, Plans)
    if endpoint:
        yield connect_local(LocalControl(endpoint), wanted)
        return
    with LocalCloud(read_model(world, WorldFile)) as cloud:
        yield connect_local(LocalControl(cloud.endpoint), wanted)


def connect_local(control: LocalControl, plans: Plans) -> Account:
    settings = Settings(**settings_of(control.ready(), "given by the command"))
    if plans.region != settings.region_id:
        raise CommandError(f"the plans are for {plans.region}, the local cloud is {settings.region_id}")
    return Account(settings, plans, open_cloud(settings, control))
