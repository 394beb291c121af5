"""Bugs that the simulation must find: ports and flows that differ from the real ones in one thing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from shared.domain.errors import AlreadyExists, Permanent, Transient
from shared.domain.facts import Image, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.refusal import ANSWER
from shared.domain.rules import Rules
from shared.domain.status import ImageStatus
from shared.flows.refusals import remember_refusal
from shared.flows.track_images import find_news, remember, tell
from shared.ports import Clock, Cloud
from simulation.run import Product

T = TypeVar("T")


class Changed:
    """A port of which one thing is other than it should be."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


@dataclass(frozen=True)
class ClockRequest(ImageRequest):
    """Its token tells the time at which it was sent."""

    sent: str = ""

    @cached_property
    def client_token(self) -> str:
        return f"token-{self.sent}"


class TokenFromTheClock(Changed):
    def __init__(self, port: Any, clock: Clock) -> None:
        super().__init__(port)
        self._clock = clock

    def create(self, request: ImageRequest) -> str:
        fields = {name: getattr(request, name) for name in ImageRequest.__dataclass_fields__}
        return str(self._port.create(ClockRequest(**fields, sent=self._clock.now().isoformat())))


class OnlyAvailable(Changed):
    """DescribeImages without a Status."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return _available(self._port.tagged(tags))

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return _available(self._port.of_snapshot(snapshot_id))

    def made_since(self, since: datetime) -> list[Image]:
        return _available(self._port.made_since(since))

    def named(self, name: str) -> list[Image]:
        return _available(self._port.named(name))


def _available(images: Sequence[Image]) -> list[Image]:
    return [image for image in images if image.status == "Available"]


class OnlyAvailableLookup(OnlyAvailable):
    """The same, where one snapshot's image is looked for; the sweeps see all."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        found: list[Image] = self._port.tagged(tags)
        return found if "snapimage:open" in tags else _available(found)

    def made_since(self, since: datetime) -> list[Image]:
        return list(self._port.made_since(since))


class NoAdoption(Changed):
    """A name or token that is taken counts as a refusal for good."""

    def create(self, request: ImageRequest) -> str:
        try:
            return str(self._port.create(request))
        except AlreadyExists as taken:
            raise Permanent(taken.code, taken.message, taken.http_status, taken.request_id) from taken


class SwallowedThrottling(Changed):
    """A throttled call counts as one that found nothing."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return _or_nothing(method) if name in NOTHING else method


NOTHING: Mapping[str, Callable[[], object]] = {
    "find": list, "of_disk": list, "of_instance": list, "groups": list, "system_disks": list, "disks": list,
    "attached": list, "tagged": list, "of_snapshot": list, "made_since": list, "named": list,
}  # fmt: skip


def _or_nothing(method: Callable[..., T]) -> Callable[..., T | list[object]]:
    def call(*words: object) -> T | list[object]:
        try:
            return method(*words)
        except Transient as trouble:
            if not trouble.code.startswith("Throttling"):
                raise
            return []

    return call


def remember_then_tell(rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """track_images with its two steps in the wrong order."""
    news = list(find_news(cloud))
    remember(news, cloud.images)
    told = [tell(each, rules, cloud) for each in news]
    return [status for status in told if status is not None]


class ForgetsTags(Changed):
    """Snapshots are read without the tag that says they were given up."""

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return [replace(each, tags=_without_answer(each.tags)) for each in self._port.find(snapshot_ids)]


def _without_answer(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key != ANSWER}


class ToldAnew(Changed):
    """Every telling has an id of its own."""

    def __init__(self, port: Any, clock: Clock) -> None:
        super().__init__(port)
        self._clock = clock

    def publish(self, message: StatusMessage) -> None:
        text = f"{message.id}{self._clock.now()}"
        self._port.publish(replace(message, id=hashlib.sha256(text.encode()).hexdigest()[:32]))


class TooEarly(Changed):
    """Remembers that a snapshot was given up before the message is on the queue."""

    def __init__(self, port: Any, snapshots: Any) -> None:
        super().__init__(port)
        self._snapshots = snapshots

    def publish(self, message: StatusMessage) -> None:
        remember_refusal(message.data, "too early", self._snapshots)
        self._port.publish(message)


def crash(payload: bytes, rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """What no flow may do."""
    raise ValueError(payload)


def _with_images(change: Callable[[Any], Any]) -> Product:
    return Product(connect=lambda cloud: replace(cloud, images=change(cloud.images)))


def _swallow(cloud: Cloud) -> Cloud:
    snapshots: Any = SwallowedThrottling(cloud.snapshots)
    images: Any = SwallowedThrottling(cloud.images)
    return replace(cloud, snapshots=snapshots, images=images)


def _clock_token(cloud: Cloud) -> Cloud:
    images: Any = TokenFromTheClock(cloud.images, cloud.clock)
    return replace(cloud, images=images)


def _told_anew(cloud: Cloud) -> Cloud:
    queue: Any = ToldAnew(cloud.queue, cloud.clock)
    return replace(cloud, queue=queue)


def _too_early(cloud: Cloud) -> Cloud:
    queue: Any = TooEarly(cloud.queue, cloud.snapshots)
    return replace(cloud, queue=queue)


def _forgetful(cloud: Cloud) -> Cloud:
    snapshots: Any = ForgetsTags(cloud.snapshots)
    return replace(cloud, snapshots=snapshots)


BUGS: Mapping[str, Product] = {
    "token from the clock": Product(connect=_clock_token),
    "look-up in Available only": _with_images(OnlyAvailable),
    "look-up of one image in Available only": _with_images(OnlyAvailableLookup),
    "publish after record": Product(track_images=remember_then_tell),
    "no adoption after a duplicate name": _with_images(NoAdoption),
    "swallowed throttling": Product(connect=_swallow),
    "refusal remembered before it is told": Product(connect=_too_early),
    "what was given up is taken up again": Product(connect=_forgetful),
    "a new fact with every telling": Product(connect=_told_anew),
    "a crash": Product(create_images=crash),
}
