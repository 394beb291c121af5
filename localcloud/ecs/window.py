"""The Filter parameters that bound a creation time, the same in DescribeSnapshots and DescribeImages."""

from datetime import datetime, timezone

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params


def creation_window(params: Params) -> tuple[float, float]:
    """Filter.N.Key=CreationStartTime or CreationEndTime, with a Value in whole minutes (yyyy-MM-ddTHH:mmZ)."""
    bounds = {"CreationStartTime": float("-inf"), "CreationEndTime": float("inf")}
    for item in params.items("Filter"):
        key, value = item.get("Key", ""), item.get("Value", "")
        if key not in bounds:
            raise EcsError(errors.BAD_FILTER_KEY, value=key)
        try:
            bounds[key] = datetime.strptime(value, "%Y-%m-%dT%H:%MZ").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise EcsError(errors.BAD_FILTER_VALUE, value=value) from None
    return bounds["CreationStartTime"], bounds["CreationEndTime"]
