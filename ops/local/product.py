"""The whole product on this machine: the staged packages on a local Function Compute, each with its own role's rights."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.build import functions
from deploy.policies import read_policy
from deploy.serverless import function_specs
from deploy.staging import stage_once
from files.yaml_model import read_model
from localcloud.fc.spec import FunctionSpec
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.local.control import LocalControl
from shared.domain.plans import Plans

ENDPOINTS = ("SNAPIMAGE_ECS_ENDPOINT", "SNAPIMAGE_ESS_ENDPOINT", "SNAPIMAGE_QUOTA_ENDPOINT")


@dataclass(frozen=True)
class LocalProduct:
    cloud: LocalCloud
    control: LocalControl

    def deliver(self, payload: bytes) -> None:
        """An event, as EventBridge would deliver it, and everything that it makes due."""
        self.control.publish(payload)
        self.control.pump()

    def pass_time(self, minutes: float) -> None:
        self.control.advance(minutes * 60)
        self.control.pump()


@contextmanager
def open_product(world_file: Path, plans_file: Path, port: int = 0) -> Iterator[LocalProduct]:
    world, packages = read_model(world_file, WorldFile), stage_once(plans_file)
    with LocalCloud(world, port) as cloud:
        deploy(cloud, packages, world, read_model(plans_file, Plans))
        yield LocalProduct(cloud, LocalControl(cloud.endpoint))


def deploy(cloud: LocalCloud, packages: Path, world: WorldFile, plans: Plans) -> None:
    """What s.yaml declares, with a key for each function that may do what its shipped policy allows."""
    variables = {"SNAPIMAGE_REGION": world.region, "SNAPIMAGE_MNS_ENDPOINT": cloud.endpoint}
    specs = function_specs(packages, variables, world.account_id)
    for name, spec in zip(sorted(functions()), sorted(specs, key=lambda spec: str(spec["folder"])), strict=True):
        key = {"access_key_id": f"STS.{secrets.token_hex(8)}", "access_key_secret": secrets.token_hex(16)}
        document = read_policy(name, world.region, world.account_id, plans)
        cloud.keys.add(key["access_key_id"], key["access_key_secret"], Policy.model_validate(document))
        role = str(spec["role"]).rpartition("/")[2]
        trust = read_policy("trust", world.region, world.account_id)
        cloud.roles.put(role, trust, {f"{role}-{world.region}": document})
        environment = {**spec["environment"], **dict.fromkeys(ENDPOINTS, cloud.endpoint)}
        credentials = {**key, "security_token": secrets.token_hex(16)}
        here = {"environment": environment, "credentials": credentials, "clock": "cloud"}
        cloud.fc.deploy([FunctionSpec.model_validate({**spec, **here})])
