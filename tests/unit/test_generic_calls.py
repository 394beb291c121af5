"""Where the services without an SDK of their own are asked."""

from typing import Any

import pytest
from fakes.builders import ACCOUNT

from shared.adapters.generic_calls import ess_calls, quota_calls
from shared.settings import Settings

OF_ALL = """
cn-qingdao cn-beijing cn-hangzhou cn-shanghai cn-shenzhen cn-hongkong ap-southeast-1 us-east-1 us-west-1
cn-shanghai-finance-1 cn-shenzhen-finance-1 cn-north-2-gov-1 cn-hangzhou-finance cn-wuhan cn-fujian
"""
RECORD: Any = None


def settings(region: str, **endpoints: Any) -> Settings:
    words: dict[str, Any] = dict.fromkeys(
        ("access_key_id", "access_key_secret", "security_token", "mns_endpoint", "status_queue", "plans_file"), "x"
    )
    return Settings(**words, account_id=ACCOUNT, region_id=region, **endpoints)


@pytest.mark.parametrize("region", OF_ALL.split())
def test_regions_without_an_auto_scaling_of_their_own_share_one(region: str) -> None:
    assert ess_calls(settings(region), RECORD).endpoint == "ess.aliyuncs.com"


def test_every_other_region_has_its_own_auto_scaling() -> None:
    assert ess_calls(settings("cn-chengdu"), RECORD).endpoint == "ess.cn-chengdu.aliyuncs.com"


def test_quotas_are_kept_in_one_place_for_all_regions() -> None:
    assert quota_calls(settings("cn-chengdu"), RECORD).endpoint == "quotas.aliyuncs.com"


def test_an_endpoint_that_is_set_comes_before_the_usual_one() -> None:
    set_up = settings("cn-hangzhou", ess_endpoint="ess.vpc", quota_endpoint="quotas.vpc")

    assert (ess_calls(set_up, RECORD).endpoint, quota_calls(set_up, RECORD).endpoint) == ("ess.vpc", "quotas.vpc")
