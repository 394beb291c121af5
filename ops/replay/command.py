"""What `snapimage replay` does: events from files or dead letters, run here or on a deployed function."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.policies import DEAD_LETTER_QUEUE
from files.errors import CommandError
from ops.invoke import FUNCTIONS_ENDPOINT, Fc2, Fc3, FunctionPlace, Invoker
from ops.keys import KEY, SECRET, keys_in_environment
from ops.local.connection import open_local
from ops.local.control import LocalControl, is_local
from ops.queues.access import find_access
from ops.replay.deployed import DeployedOutcome, invoke_later, invoke_now, replay_dead_letters
from ops.replay.here import replay_file
from ops.replay.show import show_deployed, show_outcome
from shared.adapters.mns_queue import QueueAccess
from shared.adapters.replies import credentials, hide

EVENT_SUFFIXES = (".json", ".txt")
"""In a folder; worlds and plans, which may lie beside the events, are YAML."""


@dataclass(frozen=True)
class ReplayOptions:
    files: tuple[Path, ...]
    endpoint: str | None
    as_json: bool
    dead_letters: bool
    most: int | None


@dataclass(frozen=True)
class DeployedTarget:
    generation: str
    service: str | None
    function: str
    later: bool
    task_id: str | None


def replay_here(options: ReplayOptions, world: Path, plans: Path, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Runs the function in this process against a local cloud; whether every event got an answer."""
    if options.dead_letters:
        raise CommandError("--from-dead-letters replays on a deployed function: give --to")
    files = _existing(options.files)
    answered = True
    with open_local(options.endpoint, world, plans) as local:
        for path in files:
            for outcome in replay_file(path, local, dry_run):
                say(outcome.to_json() if options.as_json else show_outcome(outcome))
                answered = answered and outcome.is_answered
    return answered


def replay_there(options: ReplayOptions, target: DeployedTarget, say: Callable[[str], None]) -> bool:
    """Invokes a deployed function; whether every event got an answer or was taken as a task."""
    if options.dead_letters and options.files:
        raise CommandError("--from-dead-letters takes its events from the queue: name no file")
    where = find_function_compute(options.endpoint)
    invoker, secrets = open_invoker(where, target), credentials(where)
    answered, is_empty = True, True
    for outcome in _outcomes(options, target, invoker):
        is_empty = False
        say(hide(outcome.to_json() if options.as_json else show_deployed(outcome), secrets))
        answered = answered and outcome.is_answered
    if is_empty and not options.as_json:
        say("no dead letters")
    return answered


def _outcomes(options: ReplayOptions, target: DeployedTarget, invoker: Invoker) -> Iterable[DeployedOutcome]:
    if options.dead_letters:
        return replay_dead_letters(_dead_letter_access(options.endpoint), invoker, options.most)
    files = _existing(options.files)
    if target.later:
        return (invoke_later(str(path), path.read_bytes(), invoker, target.task_id) for path in files)
    return (invoke_now(str(path), path.read_bytes(), invoker) for path in files)


def open_invoker(where: FunctionPlace, target: DeployedTarget) -> Invoker:
    if target.generation == "fc3":
        return Fc3(where, target.function)
    if target.service is None:
        raise CommandError("--to fc2: functions of FC 2.0 are in services; give --service")
    return Fc2(where, target.service, target.function)


def find_function_compute(endpoint: str | None) -> FunctionPlace:
    """Keys and endpoint from the environment; a local cloud hands out its own keys."""
    endpoint = endpoint or os.environ.get(FUNCTIONS_ENDPOINT)
    if not endpoint:
        raise CommandError(
            f"no endpoint: give --endpoint, or set {FUNCTIONS_ENDPOINT} (https://ACCOUNT.REGION.fc.aliyuncs.com)"
        )
    if keys := keys_in_environment():
        return FunctionPlace(endpoint, os.environ.get("SNAPIMAGE_REGION", "cn-hangzhou"), *keys)
    if not is_local(endpoint):
        raise CommandError(f"no keys: set {KEY} and {SECRET}")
    ready = LocalControl(endpoint).ready()
    return FunctionPlace(endpoint, ready["region"], ready["access_key_id"], ready["access_key_secret"])


def _dead_letter_access(endpoint: str | None) -> QueueAccess:
    """A local cloud has its queues at the same endpoint; otherwise SNAPIMAGE_MNS_ENDPOINT says where they are."""
    here = endpoint is not None and is_local(endpoint)
    return find_access(endpoint if here else None, DEAD_LETTER_QUEUE)


def _existing(named: tuple[Path, ...]) -> tuple[Path, ...]:
    if not named:
        raise CommandError("no event file given")
    return tuple(file for path in named for file in _files(path))


def _files(path: Path) -> list[Path]:
    """The file itself; of a folder its events, in the order of their names."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CommandError(f"{path}: no such file")
    found = sorted(file for file in path.iterdir() if file.suffix in EVENT_SUFFIXES and file.is_file())
    if not found:
        raise CommandError(f"{path}: no event file in this folder ({', '.join(EVENT_SUFFIXES)})")
    return found
