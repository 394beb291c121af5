"""Runs payloads through the real flow on a cloud in memory and says what no payload may bring about."""

import base64
import json
import logging
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError
from pydantic_core import from_json

from files import places
from files.yaml_model import read_model
from fuzz.small_world import small_world
from localcloud.mns.attributes import QueueAttributes
from shared.domain.errors import Transient
from shared.domain.image_request import ImageRequest
from shared.domain.message import ImageStatus, StatusMessage
from shared.domain.message_fields import State
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.create_image import create_images
from shared.ports import Cloud

LINE = 4_096
"""Bytes of one line of log."""
ID = {"snapshot": r"s-[A-Za-z0-9_-]{1,62}", "disk": r"d-[A-Za-z0-9_-]{1,62}", "instance": r"i-[A-Za-z0-9_-]{1,62}"}
PATTERNS = {kind: re.compile(pattern) for kind, pattern in ID.items()}
SCHEMA = Draft202012Validator(
    json.loads((places.ROOT / "schema" / "status-message.json").read_text()), validate_formats=True
)
STATES = {state.value for state in State}
MOST_EVENTS = 100
NAMED = re.compile(r'"[^"]*"?|[^a-zA-Z :,]+')
"""What varies in an explanation: the rest of it tells which way the event went."""


class FuzzViolation(AssertionError):
    """Something that must not happen, whatever arrives."""


class Watched:
    """A port that looks at every argument before the call is made."""

    def __init__(self, port: Any, kind: str) -> None:
        self._port = port
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not callable(method):
            return method

        def call(*arguments: Any) -> Any:
            for argument in arguments:
                check_argument(name, argument, self._kind)
            return method(*arguments)

        return call


NAMED_BY = {"of_instance": "instance", "groups_of_instance": "instance", "instances": "instance", "of_disk": "disk"}
"""What a method is asked by, where that is not what it returns."""


def check_argument(method: str, argument: object, kind: str) -> None:
    """Ids are as documented; a tag or a name has its documented length and no control characters."""
    if isinstance(argument, str):
        _like("name" if method == "named" else NAMED_BY.get(method, kind), argument)
    elif isinstance(argument, Mapping):
        check_tags(argument)
    elif isinstance(argument, ImageRequest):
        check_request(argument)
    elif isinstance(argument, Sequence):
        for each in argument:
            check_argument(method, each, kind)


def check_request(request: ImageRequest) -> None:
    check_tags(request.tags)
    for disk in request.disk_set.disks:
        if disk.snapshot_id is not None:
            _like("snapshot", disk.snapshot_id)
    short = len(request.name) <= 128 and len(request.description) <= 256 and len(request.tags) <= 20
    if not short or not (request.name + request.description).isprintable() or len(request.client_token) != 64:
        raise FuzzViolation(f"a request beyond the limits of ECS: {request!a:.400}")


def check_tags(tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        if not (key + value).isprintable() or len(key) > 128 or len(value) > 128:
            raise FuzzViolation(f"a tag beyond the limits of ECS: {key!a:.200} {value!a:.200}")


def _like(kind: str, value: str) -> None:
    good = PATTERNS[kind].fullmatch(value) if kind in PATTERNS else len(value) <= 128 and value.isprintable()
    if not good:
        raise FuzzViolation(f"a call with {value!a:.200} for a {kind}")


class Line(logging.LogRecord):
    """Without its place in the source and the like, which nobody reads here."""

    def __init__(self, name: str, level: int, _path: str, _line: int, msg: str, args: Any, *_: object) -> None:
        self.name, self.levelno, self.msg, self.args = name, level, msg, args


class Lines(logging.Handler):
    """What is logged: every line by itself, ASCII, JSON, bounded."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.states: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if len(line) > LINE or not line.isascii() or not line.isprintable():
            raise FuzzViolation(f"a line of log: {line!a:.400}")
        self.states.append(from_json(line)["state"])

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        raise FuzzViolation("a line that cannot be logged")


class Judge:
    """Counts what it has seen. `lives` is after how many invocations the cloud is a new one."""

    def __init__(self, lives: int = 40) -> None:
        self.events = 0
        self.answers: dict[str, int] = {}
        self._rules = rules_for("1234567890123456", "cn-hangzhou", _plans())
        self._lives = lives
        self._age = 0
        self._world = small_world()
        self._lines = Lines()

    @contextmanager
    def listening(self) -> Iterator["Judge"]:
        logger = logging.getLogger("snapimage")
        before, factory = (logger.level, logger.propagate), logging.getLogRecordFactory()
        logging.setLogRecordFactory(Line)
        logger.addHandler(self._lines)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield self
        finally:
            logging.setLogRecordFactory(factory)
            logger.removeHandler(self._lines)
            logger.setLevel(before[0])
            logger.propagate = before[1]

    def run(self, payload: bytes) -> list[Hashable]:
        """What came of it; a Violation, or whatever the flow raised beside Transient, is a crash."""
        cloud = self._next_cloud()
        self._lines.states = []
        try:
            answers = create_images(payload, self._rules, cloud)
        except Transient:
            answers = []
        told = [answer for answer in answers if isinstance(answer, ImageStatus)]
        self._count(payload, self._world.messages)
        seen: list[Hashable] = [
            (status.state.value, status.reason.value, NAMED.sub("", status.explanation[:80])) for status in told
        ]
        self._world.messages.clear()
        return [*seen, tuple(self._world.actions)] if len(seen) == 1 else seen

    def _count(self, payload: bytes, messages: Sequence[StatusMessage]) -> None:
        expected = expected_events(payload)
        if len(self._lines.states) != expected or len(messages) > expected:
            raise FuzzViolation(f"{expected} events, {len(self._lines.states)} lines, {len(messages)} messages")
        for state in self._lines.states:
            if state not in STATES | {"postponed"}:
                raise FuzzViolation(f"an answer in no known state: {state}")
            self.answers[state] = self.answers.get(state, 0) + 1
        for message in messages:
            check_message(message)
            if not message.data.explanation.isprintable():  # somebody reads it on a terminal
                raise FuzzViolation(f"an explanation that is not one line of text: {message.data.explanation!a:.400}")
        self.events += expected

    def _next_cloud(self) -> Cloud:
        """Old enough that images are there to be adopted, young enough that some are not."""
        self._age += 1
        if self._age % self._lives == 0:
            self._world = small_world()
        self._world.actions.clear()
        cloud = self._world.cloud
        snapshots: Any = Watched(cloud.snapshots, "snapshot")
        disks: Any = Watched(cloud.disks, "disk")
        images: Any = Watched(cloud.images, "snapshot")
        return replace(cloud, snapshots=snapshots, disks=disks, images=images)


@lru_cache(maxsize=1)
def _plans() -> Plans:
    return read_model(places.PLANS, Plans)


def expected_events(payload: bytes) -> int:
    """How many answers a payload is owed: one for each entry of an array that is no larger than agreed, else one. The array
    may be JSON text."""
    try:
        parsed = json.loads(payload.decode())
        parsed = json.loads(parsed) if isinstance(parsed, str) and parsed.startswith("[") else parsed
    except (ValueError, RecursionError):
        return 1
    return len(parsed) if isinstance(parsed, list) and 1 <= len(parsed) <= MOST_EVENTS else 1


def check_message(message: StatusMessage) -> None:
    _check_body(message.to_json())


@lru_cache(maxsize=4_096)
def _check_body(body: str) -> None:
    """Three mutants of five get an answer that another one has got before."""
    if len(base64.b64encode(body.encode())) > QueueAttributes().maximum_message_size:
        raise FuzzViolation("a message that the queue would refuse")
    read = from_json(body)
    if SCHEMA.is_valid(read):  # takes less than looking for what is wrong
        return
    try:
        SCHEMA.validate(read)
    except ValidationError as error:
        raise FuzzViolation(f"a message that is not like its schema: {error.message}") from error
