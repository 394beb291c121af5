"""Quota Center 2020-05-10, as far as anybody asks it here: how many custom images the region may have, and has."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from localcloud.acs_signature import SignatureRefused
from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.permissions import FORBIDDEN
from localcloud.ecs.service import EcsService
from localcloud.ram import find_refused
from localcloud.signatures import Signatures
from localcloud.wire import Request, Response

VERSION = "2020-05-10"
ACTION = "GetProductQuota"
PARAMETERS = accepted("ProductCode QuotaActionCode Dimensions.#.Key Dimensions.#.Value")
IMAGES = "q_user-image-count"
USUAL = 1_000
"""Where the world sets no quota; the vendor publishes no number."""


class QuotaService:
    def __init__(self, ecs: EcsService, keys: Mapping[str, str]) -> None:
        self._ecs = ecs
        self._keys = keys
        self._signatures = Signatures(keys)

    def action_of(self, request: Request) -> str:
        return request.headers.get("x-acs-action", "")

    def handle(self, request: Request) -> Response:
        try:
            quota = self._answer(request)
        except EcsError as error:
            return self._ecs.error(error.status, error.code, error.message, request)
        except SignatureRefused as refused:
            return self._ecs.error(refused.status, refused.code, refused.message, request)
        body = {"Quota": quota, "RequestId": str(uuid.uuid4()).upper()}
        return Response(200, json.dumps(body).encode(), {"Content-Type": "application/json;charset=utf-8"})

    def _answer(self, request: Request) -> dict[str, Any]:
        action, store = self.action_of(request), self._ecs.store
        key_id = self._signatures.verify(request, now=time.time())
        if action != ACTION:
            raise EcsError(errors.NO_SUCH_ACTION, value=action)
        params = Params(action, request.query, PARAMETERS)
        product, name = params.required("ProductCode"), params.required("QuotaActionCode")
        # API reference GetProductQuota, "RAM authorization".
        resource = f"acs:quotas:{store.world.region}:{store.world.account_id}:quota/{product}/{name}"
        if find_refused(self._keys, key_id, f"quotas:{action}", [resource]):
            raise EcsError(FORBIDDEN, action=f"quotas:{action}", resource=resource)
        given = [(each.get("Key"), each.get("Value")) for each in params.items("Dimensions")]
        if (product, name, given) != ("ecs", IMAGES, [("regionId", store.world.region)]):
            raise EcsError(
                errors.BAD_PARAMETER, name="QuotaActionCode", value=name, why="only custom images are played"
            )
        limit = USUAL if store.world.image_quota is None else store.world.image_quota
        return {
            "ProductCode": product, "QuotaActionCode": name, "Dimensions": dict(given), "QuotaUnit": "Count",
            "TotalQuota": float(limit), "TotalUsage": float(store.images.owned),
        }  # fmt: skip
