"""The services that sign and speak alike: checks a request, finds its action by version and name, answers in JSON."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction
from localcloud.ecs.errors import EcsError, EcsRefusal
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsRegion
from localcloud.faults import ImageFault
from localcloud.ram import find_refused
from localcloud.signatures import Signatures
from localcloud.wire import ApiRefusal, Request, Response


class ApiProduct(NamedTuple):
    """`owner`: what the names of its resources begin with."""

    name: str
    owner: str
    forbidden: EcsRefusal = errors.NO_PERMISSION


PRODUCTS = {
    "2014-05-26": ApiProduct("ecs", "acs:ecs:{region}:{account}:", errors.FORBIDDEN),
    "2022-02-22": ApiProduct("ess", "acs:ess:{region}:{account}:", errors.FORBIDDEN),
    "2020-05-10": ApiProduct("quotas", "acs:quotas:{region}:{account}:", errors.FORBIDDEN),
    "2015-04-01": ApiProduct("sts", ""),
    "2015-05-01": ApiProduct("ram", "acs:ram:*:{account}:"),
    "2020-04-01": ApiProduct("eventbridge", "acs:eventbridge:{region}:{account}:"),
    "2019-01-01": ApiProduct("cms", ""),
}
"""By version."""
RIGHTS = {"DescribeMetricLast": "QueryMetricLast"}
"""API reference DescribeMetricLast: where the right is not called as the action."""
_HEADERS = frozenset({
    "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256",
    "x-acs-credentials-provider", "x-acs-accesskey-id", "x-acs-security-token", "x-acs-retry-attempts",
    "x-acs-retry-delay",
})  # fmt: skip


class OpenApi:
    """`actions`: by the product's name, then by action."""

    def __init__(
        self, region: EcsRegion, actions: Mapping[str, Mapping[str, ApiAction]], keys: Mapping[str, str]
    ) -> None:
        self._region = region
        self._actions = actions
        self._keys = keys
        self._signatures = Signatures(keys)

    def name_of(self, request: Request) -> str:
        product = PRODUCTS.get(request.headers.get("x-acs-version", ""))
        return product.name if product else "ecs"

    def action_of(self, request: Request) -> str:
        return request.headers.get("x-acs-action", "")

    def handle(self, request: Request, image_fault: ImageFault | None = None) -> Response:
        try:
            body = self._answer(request, image_fault)
        except ApiRefusal as refused:
            return self.error(refused.status, refused.code, refused.message, request)
        return _json(200, {**body, "RequestId": _request_id()})

    def error(self, status: int, code: str, message: str, request: Request) -> Response:
        request_id = _request_id()
        product = self.name_of(request).capitalize()
        body = {
            "RequestId": request_id,
            "HostId": request.headers.get("host", ""),
            "Code": code,
            "Message": message,
            "Recommend": f"https://api.aliyun.com/troubleshoot?q={code}&product={product}&requestId={request_id}",
        }
        return _json(status, body)

    def _answer(self, request: Request, image_fault: ImageFault | None) -> dict[str, Any]:
        version, action = request.headers.get("x-acs-version", ""), self.action_of(request)
        if version not in PRODUCTS:
            raise EcsError(errors.BAD_VERSION, value=version)
        product = PRODUCTS[version]
        played = self._actions[product.name].get(action)
        if played is None:
            raise EcsError(errors.NO_SUCH_ACTION, value=action, product=product.name)
        _check_envelope(request, action)
        key_id = self._signatures.verify(request, now=time.time())
        params, store = Params(action, request.query, played.parameters, image_fault), self._region.store
        with store.lock:
            if "RegionId" in played.parameters:
                _check_region(params, store.world.region)
            owner = product.owner.format(region=store.world.region, account=store.world.account_id)
            right = f"{product.name}:{RIGHTS.get(action, action)}"
            refused = find_refused(self._keys, key_id, right, [owner + each for each in played.resources(params)])
            if refused is not None:
                raise EcsError(product.forbidden, action=right, resource=refused)
            return played.answer(store, params)


def _check_envelope(request: Request, action: str) -> None:
    if request.body:
        raise EcsError(errors.BODY_GIVEN, action=action)
    for name in request.headers:
        if name.startswith("x-acs-") and name not in _HEADERS:
            raise EcsError(errors.UNKNOWN_HEADER, name=name)


def _check_region(params: Params, region: str) -> None:
    """One endpoint serves one region, and an action that has a RegionId requires it."""
    given = params.required("RegionId")
    if given != region:
        raise EcsError(errors.NO_SUCH_REGION, region=region, value=given)


def _request_id() -> str:
    return str(uuid.uuid4()).upper()


def _json(status: int, body: Mapping[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(status, text.encode(), {"Content-Type": "application/json;charset=utf-8"})
