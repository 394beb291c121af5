"""What the tests of the ECS adapters share: calls to a local cloud that wait for nothing, and requests for images."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from support import settings_for

from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_images import EcsImages
from shared.adapters.throttling import Throttling
from shared.domain.disk_set import DiskSet
from shared.domain.errors import CloudError
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_request import ImageRequest
from shared.wiring import SystemClock

Serve = Callable[..., LocalCloud]


LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)


SYSTEM = MappedDisk(Role.SYSTEM, "s-web1sys", 40)


DATA = MappedDisk(Role.DATA, "s-web1data", 100)


EMPTY = MappedDisk(Role.DATA, None, 5)


AT_ONCE = Throttling(SystemClock(), None)


REFUSED = {"status": 500, "code": "InternalError", "message": "not now"}


def calls_to(cloud: LocalCloud, **changes: Any) -> EcsCalls:
    """They wait for nothing."""
    return EcsCalls(settings_for(cloud, **changes), AT_ONCE)


def request_for(*disks: MappedDisk, name: str = "web-s-web1sys", **changes: Any) -> ImageRequest:
    known: dict[str, Any] = {
        "region_id": "cn-hangzhou",
        "client_token": f"token of {name}",
        "description": "a test",
        "tags": {"k": "v"},
    }
    return ImageRequest(**(known | {"name": name, "disk_set": DiskSet(disks[0], tuple(disks[1:]))} | changes))


def plant(cloud: LocalCloud, action: str, **fault: Any) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": action, **fault})])


def create(images: EcsImages, request: ImageRequest) -> str:
    """One image; raises what ECS says instead of an id."""
    (made,) = images.create_all([request])
    if isinstance(made, CloudError):
        raise made
    return made
