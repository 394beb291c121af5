"""Bugs that the simulation must find: ports and flows that differ from the real ones in one thing, many of them as they once were."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from shared.domain.errors import AlreadyExists, CloudError, Curable, Final, Throttled
from shared.domain.facts import Disk, Image, Role, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.rules import Rules
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud
from simulation.histories.execution import Product
from simulation.memory.images import create_each

T = TypeVar("T")
OUTCOME, LOOK, DISK = "snapimage:outcome", "snapimage:disks.", "snapimage:disk"


class Changed:
    """A port of which one thing is other than it should be."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


class ChangedRequests(Changed):
    """Every request passes `create`."""

    def create(self, request: ImageRequest) -> str:
        return str(self._port.create(request))

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return create_each(self.create, requests)


class ChangedSnapshots(Changed):
    """Every snapshot that is read passes `see`."""

    def see(self, snapshot: Snapshot) -> Snapshot:
        return snapshot

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return [self.see(each) for each in self._port.find(snapshot_ids)]

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return [self.see(each) for each in self._port.of_disk(disk_id, since)]

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return [self.see(each) for each in self._port.of_instance(instance_id, since)]

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        for page in self._port.of_system_disks(since):
            yield [self.see(each) for each in page]

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        for page in self._port.of_data_disks(since):
            yield [self.see(each) for each in page]


class WithoutPolicies(ChangedSnapshots):
    """Nobody asks which policy made a snapshot: the nearest one serves, of whichever run."""

    def see(self, snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, name="")


class WithoutOutcome(ChangedSnapshots):
    """What became of a snapshot is not remembered."""

    def see(self, snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, tags={key: value for key, value in snapshot.tags.items() if key != OUTCOME})


class WithoutLook(ChangedSnapshots):
    """Which disks were seen first is not remembered, as long as it counts."""

    def see(self, snapshot: Snapshot) -> Snapshot:
        if snapshot.tags.get(OUTCOME, "").split(" ")[0] in {"requested", "making", "available", "failed"}:
            return snapshot
        kept = {key: value for key, value in snapshot.tags.items() if not key.startswith(LOOK)}
        return replace(snapshot, tags=kept)


class FirstPage(Changed):
    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        return list(self._port.groups_of_instance(instance_id)[:100])


class Unmarked(Changed):
    """A failure is not marked before it is told."""

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        if not tags.get(OUTCOME, "").startswith("failing"):
            self._port.tag(snapshot_ids, tags)


class ChangedDisks(Changed):
    """Every disk that is read passes `see`."""

    def see(self, disk: Disk) -> Disk:
        return disk

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        return [self.see(each) for each in self._port.find(disk_ids)]

    def of_instance(self, instance_id: str) -> list[Disk]:
        return [self.see(each) for each in self._port.of_instance(instance_id)]

    def everywhere(self) -> Iterator[list[Disk]]:
        for page in self._port.everywhere():
            yield [self.see(each) for each in page]


class CameLater(ChangedDisks):
    """A disk that was put on since the snapshot began was not there when it did: nobody asks whether it was put back."""

    def see(self, disk: Disk) -> Disk:
        return replace(disk, detached=None)


class AnyMachine(ChangedDisks):
    """A system disk belongs to the machine on which it hangs, whatever it is there and since when."""

    def see(self, disk: Disk) -> Disk:
        is_system = disk.id.endswith(("-0", "-9"))
        return replace(disk, role=Role.SYSTEM, attached=None) if is_system else disk


class AnyCategory(ChangedDisks):
    """Local disks are expected to have snapshots."""

    def see(self, disk: Disk) -> Disk:
        return replace(disk, category="cloud_essd")


class ListingOrder(ChangedRequests):
    """Data disks go into the image as ECS lists them."""

    def __init__(self, port: Any, disks: Any) -> None:
        super().__init__(port)
        self._disks = disks

    def create(self, request: ImageRequest) -> str:
        listed: list[str | None] = []
        for key in request.tags:
            if key == "snapimage:about":
                words = dict(word.split("=", 1) for word in request.tags[key].split() if "=" in word)
                listed = [disk.id for disk in self._disks.of_instance(words.get("on", ""))]
        order = {disk_id: number for number, disk_id in enumerate(listed)}
        data = tuple(sorted(request.disk_set.data, key=lambda disk: order.get(disk.disk_id, 99)))
        return str(self._port.create(replace(request, disk_set=replace(request.disk_set, data=data))))


class ChangedToken(ChangedRequests):
    """The token is of the whole request, the plan's words among it."""

    def create(self, request: ImageRequest) -> str:
        text = f"{request.client_token}{request.name}{request.description}{request.tags['snapimage:plan']}"
        token = hashlib.sha256(text.encode()).hexdigest()
        return str(self._port.create(replace(request, client_token=token)))


class TokenFromTheClock(ChangedRequests):
    def __init__(self, port: Any, cloud: Cloud) -> None:
        super().__init__(port)
        self._clock = cloud.clock

    def create(self, request: ImageRequest) -> str:
        return str(self._port.create(replace(request, client_token=f"token-{self._clock.now()}")))


class ChangedImages(Changed):
    """Every image that is read passes `see`, which may keep it back."""

    def see(self, image: Image) -> Image | None:
        return image

    def _see_all(self, images: Sequence[Image]) -> list[Image]:
        return [seen for image in images if (seen := self.see(image))]

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._see_all(self._port.tagged(tags))

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._see_all(self._port.of_snapshot(snapshot_id))

    def named(self, name: str) -> list[Image]:
        return self._see_all(self._port.named(name))

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        for page in self._port.made_since(since):
            yield self._see_all(page)


class OnlyAvailable(ChangedImages):
    """DescribeImages without a Status."""

    def see(self, image: Image) -> Image | None:
        return image if image.status == "Available" else None


class OfThesePlans(ChangedImages):
    """An image is looked for under the plan's present name."""

    def __init__(self, port: Any, rules: Rules) -> None:
        super().__init__(port)
        self._names = {plan.name for plan in rules.plans.plans}

    def see(self, image: Image) -> Image | None:
        return image if image.tags.get("snapimage:plan") in self._names else None


class CopiesCount(ChangedImages):
    """A copy that carries our tags is taken for ours."""

    def see(self, image: Image) -> Image | None:
        return replace(image, is_copy=False)


class WithoutSets(ChangedImages):
    """The last image is not asked which disks it has."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return [] if DISK in tags else super().tagged(tags)


class NoAdoption(ChangedRequests):
    """A name or token that is taken counts as a refusal for good."""

    def create(self, request: ImageRequest) -> str:
        try:
            return str(self._port.create(request))
        except AlreadyExists as taken:
            raise Final(taken.code, taken.message, taken.http_status, taken.request_id) from taken


class UnknownIsFinal(ChangedRequests):
    """What no table knows is a refusal for good."""

    def create(self, request: ImageRequest) -> str:
        try:
            return str(self._port.create(request))
        except AlreadyExists:
            raise
        except Curable as trouble:
            raise Final(trouble.code, trouble.message, trouble.http_status, trouble.request_id) from trouble


class SwallowedThrottling(Changed):
    """A throttled question counts as one that found nothing."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return _or_nothing(method) if name in NOTHING else method


NOTHING = frozenset(
    {"find", "of_disk", "of_instance", "groups_of_instance", "tagged", "of_snapshot", "named", "instances"}
)


def _or_nothing(method: Callable[..., T]) -> Callable[..., T | list[object]]:
    def call(*words: object) -> T | list[object]:
        try:
            return method(*words)
        except Throttled:
            return []

    return call


class ToldAnew(Changed):
    """Every telling has an id of its own."""

    def __init__(self, port: Any, cloud: Cloud) -> None:
        super().__init__(port)
        self._clock = cloud.clock

    def publish(self, message: StatusMessage) -> None:
        text = f"{message.id}{self._clock.now()}"
        self._port.publish(replace(message, id=hashlib.sha256(text.encode()).hexdigest()[:32]))


class TooEarly(Changed):
    """An end is remembered before it is on the queue."""

    def __init__(self, port: Any, cloud: Cloud) -> None:
        super().__init__(port)
        self._snapshots = cloud.snapshots

    def publish(self, message: StatusMessage) -> None:
        said = message.data
        if said.terminal and said.plan and said.snapshot_id and said.state.value in {"available", "failed"}:
            self._snapshots.tag([said.snapshot_id], {OUTCOME: f"{said.state.value} {said.reason.value}"})
        self._port.publish(message)


def crash(payload: bytes, rules: Rules, cloud: Cloud) -> list[Any]:
    """What no flow may do."""
    raise ValueError(payload)


def _with(**changes: Callable[..., Any]) -> Product:
    """A product whose ports are changed, each by its name."""

    def connect(cloud: Cloud) -> Cloud:
        return replace(cloud, **{name: change(cloud) for name, change in changes.items()})

    return Product(connect=connect)


def _under_these_plans() -> Product:
    def change(rules: Rules, cloud: Cloud) -> Cloud:
        images: Any = OfThesePlans(cloud.images, rules)
        return replace(cloud, images=images)

    return Product(
        create_images=lambda payload, rules, cloud: create_images(payload, rules, change(rules, cloud)),
        track_images=lambda rules, cloud: track_images(rules, change(rules, cloud)),
        reconcile_snapshots=lambda rules, cloud: reconcile_snapshots(rules, change(rules, cloud)),
    )


def _since_ever() -> Product:
    """A first deployment makes images of all that is there."""

    def change(rules: Rules) -> Rules:
        plans = rules.plans.model_copy(
            update={"plans": tuple(plan.model_copy(update={"since": None}) for plan in rules.plans.plans)}
        )
        return replace(rules, read_plans=lambda: plans)

    return Product(
        create_images=lambda payload, rules, cloud: create_images(payload, change(rules), cloud),
        reconcile_snapshots=lambda rules, cloud: reconcile_snapshots(change(rules), cloud),
    )


BUGS: Mapping[str, Product] = {
    "a disk that was put back came later": _with(disks=lambda cloud: CameLater(cloud.disks)),
    "the nearest snapshot, of whichever run": _with(snapshots=lambda cloud: WithoutPolicies(cloud.snapshots)),
    "disks in the order of the listing": _with(images=lambda cloud: ListingOrder(cloud.images, cloud.disks)),
    "the first page of groups": _with(snapshots=lambda cloud: FirstPage(cloud.snapshots)),
    "the rescue machine's disks": _with(disks=lambda cloud: AnyMachine(cloud.disks)),
    "local disks are waited for": _with(disks=lambda cloud: AnyCategory(cloud.disks)),
    "the first look is forgotten": _with(snapshots=lambda cloud: WithoutLook(cloud.snapshots)),
    "the last image's disks are not asked for": _with(images=lambda cloud: WithoutSets(cloud.images)),
    "a token with the plan in it": _with(images=lambda cloud: ChangedToken(cloud.images)),
    "a token from the clock": _with(images=lambda cloud: TokenFromTheClock(cloud.images, cloud)),
    "look-up under the plan's present name": _under_these_plans(),
    "look-up in Available only": _with(images=lambda cloud: OnlyAvailable(cloud.images)),
    "a copy is taken for ours": _with(images=lambda cloud: CopiesCount(cloud.images)),
    "an unknown code is final": _with(images=lambda cloud: UnknownIsFinal(cloud.images)),
    "no adoption after a duplicate name": _with(images=lambda cloud: NoAdoption(cloud.images)),
    "no memory of the outcome": _with(snapshots=lambda cloud: WithoutOutcome(cloud.snapshots)),
    "a failure is told before it is marked": _with(snapshots=lambda cloud: Unmarked(cloud.snapshots)),
    "an end is remembered before it is told": _with(queue=lambda cloud: TooEarly(cloud.queue, cloud)),
    "a plan counts since ever": _since_ever(),
    "swallowed throttling": _with(
        snapshots=lambda cloud: SwallowedThrottling(cloud.snapshots),
        disks=lambda cloud: SwallowedThrottling(cloud.disks),
        images=lambda cloud: SwallowedThrottling(cloud.images),
    ),
    "a new fact with every telling": _with(queue=lambda cloud: ToldAnew(cloud.queue, cloud)),
    "a crash": Product(create_images=crash),
}
