"""Auto Scaling 2022-02-22: the scaling configurations, for whoever asks which images they name.

Shape of the reply and page sizes: alibabacloud-ess20220222 1.13.3.
"""

from typing import Any

from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.paging import numbered_page
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.users import ScalingConfiguration


def describe_scaling_configurations(store: EcsStore, params: Params) -> dict[str, Any]:
    page, facts = numbered_page(params, list(store.configurations.values()), 50)
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


# Auto Scaling help, "RAM authorization": the resource of scaling configurations is that of their groups.
ACTIONS = {
    "DescribeScalingConfigurations": ApiAction(
        describe_scaling_configurations, "RegionId PageNumber PageSize", every("scalinggroup")
    )
}
