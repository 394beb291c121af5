"""The account that the environment names, and the one snapshot in it of which images may be made."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from files.errors import CommandError
from live.own import TAG, OwnThings
from ops.keys import find_keys
from ops.queues.endpoint import place_of
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.adapters.mns_queue import QueueAccess
from shared.adapters.throttling import Throttling
from shared.domain.disk_set import DiskSet
from shared.domain.errors import CloudError
from shared.domain.facts import MappedDisk, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.ports import Clock
from shared.settings import Settings
from shared.wiring import SystemClock

REGION, ECS, QUEUES = "ALIBABA_CLOUD_REGION_ID", "SNAPIMAGE_ECS_ENDPOINT", "SNAPIMAGE_MNS_ENDPOINT"
SNAPSHOT = "SNAPIMAGE_LIVE_SNAPSHOT"
PREFIX = "snapimage-live"
EMPTY = MappedDisk(Role.DATA, None, 5)
FIRST_LOOK, BETWEEN_LOOKS = 0.1, 5.0
"""Seconds; each wait is half as long again as the last. ECS help, "API throttling", asks for a second or more in polling."""
T = TypeVar("T")


@dataclass(frozen=True)
class LiveAccount:
    """`run` is in the tag and in the name of everything that is made here."""

    settings: Settings
    run: str
    calls: EcsCalls
    clock: Clock = field(default_factory=SystemClock)
    own: OwnThings = field(default_factory=OwnThings)

    @property
    def images(self) -> EcsImages:
        return EcsImages(self.calls)

    @property
    def snapshots(self) -> EcsSnapshots:
        return EcsSnapshots(self.calls)

    @property
    def disks(self) -> EcsDisks:
        return EcsDisks(self.calls)

    @property
    def tags(self) -> dict[str, str]:
        """Never the product's own: a SnapImage that is deployed here must not take these images for its own."""
        return {TAG: self.run}

    @property
    def queue(self) -> QueueAccess:
        known = self.settings
        keys = (known.access_key_id, known.access_key_secret, known.security_token)
        return QueueAccess(known.mns_endpoint, *keys, known.status_queue)

    def source(self) -> Snapshot:
        """The snapshot that the environment names; it is only read."""
        wanted = os.environ.get(SNAPSHOT, "")
        found = self.snapshots.find([wanted])
        if not found:
            raise CommandError(f"{SNAPSHOT}: {wanted} does not exist in {self.settings.region_id}")
        snapshot = found[0]
        if snapshot.role is not Role.SYSTEM or snapshot.status != "accomplished" or not snapshot.is_usable:
            raise CommandError(f"{SNAPSHOT}: {wanted} is no finished snapshot of a system disk")
        return snapshot

    def request(self, source: Snapshot, name: str, *data: MappedDisk, token: str | None = None) -> ImageRequest:
        """What the functions would send, under a name of this run."""
        system = MappedDisk(Role.SYSTEM, source.id, source.size_gib)
        full_name = f"{PREFIX}-{self.run}-{name}"
        return ImageRequest(
            region_id=self.settings.region_id,
            client_token=token or full_name,
            name=full_name,
            description="made and removed by make live of SnapImage",
            disk_set=DiskSet(system, data),
            tags=self.tags,
        )

    def create(self, request: ImageRequest) -> str:
        (made,) = self.images.create_all([request])
        if isinstance(made, CloudError):
            raise made
        self.own.images.add(made)
        return made

    def wait_for(self, look: Callable[[], T], most: timedelta = timedelta(minutes=10)) -> T | None:
        """The first answer that is not empty; None when there was none in time."""
        began, span = self.clock.now(), FIRST_LOOK
        while not (found := look()):
            if self.clock.now() - began > most:
                return None
            self.clock.sleep(timedelta(seconds=span))
            span = min(span * 1.5, BETWEEN_LOOKS)
        return found


def open_live_account(environment: Mapping[str, str], run: str, needs: tuple[str, ...] = (SNAPSHOT,)) -> LiveAccount:
    """Nothing is sent yet. CommandError says in one line what is missing."""
    if not re.fullmatch(r"[a-z0-9]{1,32}", run):
        raise CommandError("RUN: letters a to z and digits, at most 32")
    missing = [f"{name} is not set" for name in (REGION, QUEUES, *needs) if not environment.get(name)]
    try:
        key, secret, token = find_keys()
    except CommandError as error:
        missing.append(str(error))
    if missing:
        raise CommandError("; ".join(missing))
    place = place_of(environment[QUEUES])
    settings = Settings(
        account_id=place.account_id if place else "0",
        region_id=environment[REGION],
        access_key_id=key,
        access_key_secret=secret,
        security_token=token,
        mns_endpoint=environment[QUEUES],
        status_queue=f"{PREFIX}-{run}",
        plans_file="none",
        ecs_endpoint=environment.get(ECS) or None,
    )
    clock = SystemClock()
    return LiveAccount(settings, run, EcsCalls(settings, Throttling(clock, clock.now() + timedelta(hours=2))))
