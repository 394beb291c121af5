"""The whole product on this machine: the staged packages on a local Function Compute, each with its own role's rights."""

import fcntl
import hashlib
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from localcloud.fc.spec import FunctionSpec
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from localcloud.world import World
from ops.build import Order, build, functions
from ops.deployment import function_specs
from ops.local import LocalControl
from ops.packages import LOCK
from ops.places import CACHE, ROOT
from ops.ram import read_policy
from ops.shift import shift_event, shift_world
from ops.yaml_model import read_model
from shared.domain.plans import Plans

HERE = "{}.{}".format(*sys.version_info)


@dataclass(frozen=True)
class Fleet:
    cloud: LocalCloud
    control: LocalControl
    shifted_by: timedelta

    def deliver(self, payload: bytes) -> None:
        """An event, as EventBridge would deliver it, and everything that it makes due."""
        self.control.publish(shift_event(payload, self.shifted_by))
        self.control.pump()

    def pass_time(self, minutes: float) -> None:
        self.control.advance(minutes * 60)
        self.control.pump()

    def now(self) -> datetime:
        """The time in the world as it was written."""
        return self.control.now() - self.shifted_by


@contextmanager
def open_fleet(world_file: Path, plans_file: Path, port: int = 0) -> Iterator[Fleet]:
    world, packages = read_model(world_file, World), stage_once(plans_file)
    shift = datetime.now(timezone.utc) - world.start_time()
    with LocalCloud(shift_world(world, shift), port) as cloud:
        deploy(cloud, packages, world, read_model(plans_file, Plans).asks_instance_tags)
        yield Fleet(cloud, LocalControl(cloud.endpoint), shift)


def deploy(cloud: LocalCloud, packages: Path, world: World, instance_tags: bool = False) -> None:
    """What s.yaml declares, with a key for each function that may do what its shipped policy allows."""
    variables = {"SNAPIMAGE_REGION": world.region, "SNAPIMAGE_MNS_ENDPOINT": cloud.endpoint}
    specs = function_specs(packages, variables, world.account_id)
    for name, spec in zip(sorted(functions()), sorted(specs, key=lambda spec: str(spec["folder"])), strict=True):
        key = {"access_key_id": f"STS.{secrets.token_hex(8)}", "access_key_secret": secrets.token_hex(16)}
        policy = Policy.model_validate(read_policy(name, world.region, world.account_id, instance_tags=instance_tags))
        cloud.keys.add(key["access_key_id"], key["access_key_secret"], policy)
        environment = {**spec["environment"], "SNAPIMAGE_ECS_ENDPOINT": cloud.endpoint}
        credentials = {**key, "security_token": secrets.token_hex(16)}
        cloud.fc.deploy([FunctionSpec.model_validate({**spec, "environment": environment, "credentials": credentials})])


def stage_once(plans_file: Path) -> Path:
    """The packages for the interpreter at hand; staged anew only when something that goes into them has changed."""
    inputs = [path for folder in ("shared", "functions") for path in sorted((ROOT / folder).rglob("*.py"))]
    digest = hashlib.sha256(HERE.encode())
    for path in [*inputs, plans_file, LOCK, *sorted((ROOT / "ops").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = CACHE / f"local-{HERE}" / digest.hexdigest()[:16]
    if (folder / "complete").exists():  # looked at before the lock, which a read-only disk cannot hold
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once stage once
        if not (folder / "complete").exists():
            build(Order(HERE, True, plans_file, folder), _to_stderr)
            (folder / "complete").touch()
    return folder


def _to_stderr(text: str) -> None:
    """The first line of `snapimage localcloud` on stdout is for programs."""
    sys.stderr.write(text + "\n")
