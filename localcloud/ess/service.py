"""Auto Scaling 2022-02-22 of one region: the scaling configurations, for whoever asks which images they name.

Shape of the reply and page sizes: alibabacloud-ess20220222 1.13.3. Its endpoint is the one port of everything else.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.acs_signature import SignatureRefused
from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.paging import numbered_slice
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.permissions import FORBIDDEN
from localcloud.ecs.state import EcsStore
from localcloud.ram import find_refused
from localcloud.signatures import Signatures
from localcloud.users import ScalingConfiguration
from localcloud.wire import Request, Response

VERSION = "2022-02-22"
ACTION = "DescribeScalingConfigurations"
PARAMETERS = accepted(
    "RegionId PageNumber PageSize",
    """OwnerAccount OwnerId ResourceOwnerAccount ScalingConfigurationIds.# ScalingConfigurationNames.# ScalingGroupId""",
)


def speaks_ess(request: Request) -> bool:
    return request.headers.get("x-acs-version") == VERSION


class EssService:
    def __init__(self, store: Callable[[], EcsStore], keys: Mapping[str, str]) -> None:
        self._store = store
        self._keys = keys
        self._signatures = Signatures(keys)

    def action_of(self, request: Request) -> str:
        return request.headers.get("x-acs-action", "")

    def handle(self, request: Request) -> Response:
        try:
            return _json(200, {**self._answer(request), "RequestId": _request_id()})
        except (EcsError, SignatureRefused) as refused:
            return self.error(refused.status, refused.code, refused.message)

    def error(self, status: int, code: str, message: str) -> Response:
        return _json(status, {"RequestId": _request_id(), "HostId": "127.0.0.1", "Code": code, "Message": message})

    def _answer(self, request: Request) -> dict[str, Any]:
        if self.action_of(request) != ACTION:
            raise EcsError(errors.NO_SUCH_ACTION, value=self.action_of(request))
        key_id = self._signatures.verify(request, now=time.time())
        params, store = Params(ACTION, request.query, PARAMETERS), self._store()
        if params.required("RegionId") != store.world.region:
            raise EcsError(errors.NO_SUCH_REGION, region=store.world.region, value=params.required("RegionId"))
        # Auto Scaling help, "RAM authorization": the resource of scaling configurations is that of their groups.
        resource = f"acs:ess:{store.world.region}:{store.world.account_id}:scalinggroup/*"
        if find_refused(self._keys, key_id, f"ess:{ACTION}", [resource]):
            raise EcsError(FORBIDDEN, action=f"ess:{ACTION}", resource=resource)
        with store.lock:
            page, facts = numbered_slice(params, list(store.configurations.values()), 50)
            return {"ScalingConfigurations": [_answer(each) for each in page], **facts}


def _answer(configuration: ScalingConfiguration) -> dict[str, Any]:
    return {
        "ScalingConfigurationId": configuration.id,
        "LifecycleState": configuration.state,
        "ImageId": configuration.image,
        "ImageName": configuration.image_name,
        "ImageFamily": configuration.family,
        "DataDisks": [{"SnapshotId": each} for each in configuration.snapshots],
    }


def _request_id() -> str:
    return str(uuid.uuid4()).upper()


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json;charset=utf-8"})
