"""Quota Center 2020-05-10, as far as anybody asks it here: how many custom images the region may have, and has."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore

IMAGES = "q_user-image-count"
USUAL = 1_000
"""Where the world sets no quota; the vendor publishes no number."""


def get_product_quota(store: EcsStore, params: Params) -> dict[str, Any]:
    product, name = params.required("ProductCode"), params.required("QuotaActionCode")
    given = [(each.get("Key"), each.get("Value")) for each in params.items("Dimensions")]
    if (product, name, given) != ("ecs", IMAGES, [("regionId", store.world.region)]):
        raise EcsError(errors.BAD_PARAMETER, name="QuotaActionCode", value=name, why="only custom images are played")
    limit = USUAL if store.world.image_quota is None else store.world.image_quota
    quota = {
        "ProductCode": product, "QuotaActionCode": name, "Dimensions": dict(given), "QuotaUnit": "Count",
        "TotalQuota": float(limit), "TotalUsage": float(store.images.owned),
    }  # fmt: skip
    return {"Quota": quota}


def _resource(params: Params) -> list[str]:
    return [f"quota/{params.required('ProductCode')}/{params.required('QuotaActionCode')}"]


ACTIONS = {
    "GetProductQuota": ApiAction(
        get_product_quota, "ProductCode QuotaActionCode Dimensions.#.Key Dimensions.#.Value", _resource
    )
}
