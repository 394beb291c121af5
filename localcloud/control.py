"""/_local/: what tests and demos do to the cloud itself: its clock, faults, journal, images, events."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from localcloud.breakages import Breakage
from localcloud.clock import MovableClock
from localcloud.ecs.resources import EcsImage
from localcloud.ecs.state import EcsRegion
from localcloud.ecs.times import iso
from localcloud.faults import Faults, PlantedFault
from localcloud.fc.service import FcService
from localcloud.journal import Journal
from localcloud.mns.errors import MnsError
from localcloud.wire import ApiRefusal, Request, Response
from localcloud.world import WorldFile

_FAULTS = TypeAdapter(list[PlantedFault])


class Advance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    advance_seconds: float = Field(ge=0, le=10 * 365 * 86400)


class Control:
    def __init__(
        self,
        clock: MovableClock,
        faults: Faults,
        journal: Journal,
        ecs: EcsRegion,
        ready: Callable[[], dict[str, Any]],
        begin: Callable[[WorldFile], None],
        fc: FcService,
        ways_to_break: Mapping[str, Callable[[str], object]],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._ecs = ecs
        self._begin = begin
        self._ways_to_break = ways_to_break
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "/_local/ready"): lambda request: ready(),
            ("GET", "/_local/clock"): lambda request: self._time(),
            ("POST", "/_local/clock"): self._advance,
            ("GET", "/_local/faults"): lambda request: self._pending(),
            ("POST", "/_local/faults"): self._plant,
            ("GET", "/_local/calls"): self._calls,
            ("POST", "/_local/world"): self._replace_world,
            ("GET", "/_local/images"): lambda request: self._images(),
            ("POST", "/_local/events"): lambda request: {"called": fc.triggers.publish(request.body)},
            ("POST", "/_local/pump"): lambda request: {"ran": fc.pump()},
            ("POST", "/_local/break"): self._break,
        }

    def handle(self, request: Request) -> Response:
        try:
            answer = self._route(request)(request)
        except ApiRefusal as refused:
            return _json(refused.status, {"error": str(refused)})
        except ValidationError as error:
            return _json(400, {"error": _in_words(error)})
        return _json(200, answer)

    def _route(self, request: Request) -> Callable[[Request], Any]:
        route = self._routes.get((request.method, request.path))
        if route is not None:
            return route
        methods = [method for method, path in self._routes if path == request.path]
        if methods:
            raise ApiRefusal(405, "", f"{request.path} takes {' and '.join(methods)}, not {request.method}")
        raise ApiRefusal(404, "", f"the local cloud has no {request.path}")

    def _time(self) -> dict[str, Any]:
        return {"now": self._clock.now(), "utc": self._clock.utc().isoformat()}

    def _advance(self, request: Request) -> dict[str, Any]:
        self._clock.advance(Advance.model_validate_json(request.body).advance_seconds)
        return self._time()

    def _pending(self) -> dict[str, Any]:
        return {"pending": [fault.model_dump(mode="json", exclude_none=True) for fault in self._faults.pending()]}

    def _plant(self, request: Request) -> dict[str, Any]:
        faults = _FAULTS.validate_json(request.body)
        self._faults.plant(faults)
        return {"planted": len(faults)}

    def _break(self, request: Request) -> dict[str, Any]:
        breakage = Breakage.model_validate_json(request.body)
        try:
            self._ways_to_break[breakage.what](breakage.name)
        except (KeyError, MnsError):
            raise ApiRefusal(404, "", f"the local cloud has no {breakage.what} of the name {breakage.name}") from None
        return {"broken": breakage.what}

    def _calls(self, request: Request) -> dict[str, Any]:
        """`?since=n` leaves out the first n calls; `next` is the n for the following time."""
        since = _since(request.query)
        calls = self._journal.calls(since)
        return {"calls": [call.as_json() for call in calls], "next": since + len(calls)}

    def _images(self) -> dict[str, Any]:
        store = self._ecs.store
        with store.lock:
            now = self._clock.now()
            return {"images": [_image(image, now) for image in store.images.values()]}

    def _replace_world(self, request: Request) -> dict[str, Any]:
        """The body is a world as a world file has it, in JSON."""
        world = WorldFile.model_validate_json(request.body)
        try:
            self._begin(world)
        except ValueError as error:
            raise ApiRefusal(400, "", str(error)) from error
        return self._time()


def _since(query: str) -> int:
    since = 0
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name != "since":
            raise ApiRefusal(400, "", f"{name} is not a parameter of /_local/calls")
        if not value.isdecimal():
            raise ApiRefusal(400, "", f"since must be a number, not {value!r}")
        since = int(value)
    return since


def _image(image: EcsImage, now: float) -> dict[str, Any]:
    disks = [
        {"device": disk.device, "type": disk.type, "size_gib": disk.size_gib, "snapshot": disk.snapshot_id or None}
        for disk in image.disk_map(now)
    ]
    return {
        "id": image.id,
        "name": image.name,
        "status": image.status(now),
        "created": iso(image.created),
        "tags": dict(image.tags),
        "disks": disks,
    }


def _in_words(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}" for problem in problems)


def _json(status: int, body: Any) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json;charset=utf-8"})
