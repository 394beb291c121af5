"""What doctor makes of facts that a local cloud does not have, and what it may not do."""

from pathlib import Path

import pytest

from deploy.policies import DEAD_LETTER_QUEUE, STATUS_QUEUE, read_policy
from ops import rpc
from ops.account import QUEUES
from ops.doctor.check_account import check_services, check_settings
from ops.doctor.check_queues import check_queues
from ops.doctor.check_roles import check_roles
from ops.doctor.commands import mending_for
from ops.doctor.declared import Declared, declare, same_json
from ops.doctor.facts import Caller, DeployedRole, Deployment
from ops.doctor.finding import Finding, Health, Unread
from ops.session import REGION, CloudSession
from ops.setup import WANTED
from shared.wiring import SystemClock

ACCOUNT, PLACE = "1234567890123456", "cn-hangzhou"
CALLER = Caller(ACCOUNT, f"acs:ram::{ACCOUNT}:root")
SESSION = CloudSession(PLACE, "LTAIany", "made-up-secret", "", SystemClock())
ROLE = "snapimage-create-image"


def declared(account_id: str = ACCOUNT) -> Declared:
    return declare(PLACE, account_id, "unset", None, Path("plans.yaml"), Path("build"))


def test_on_an_account_the_commands_name_its_public_endpoints() -> None:
    mending = mending_for(SESSION, ACCOUNT)

    assert (mending.setup, mending.resume) == (
        f"snapimage setup --endpoint https://{ACCOUNT}.mns.{PLACE}.aliyuncs.com --out policies",
        "snapimage resume",
    )
    assert mending.replay == (
        f"SNAPIMAGE_MNS_ENDPOINT=https://{ACCOUNT}.mns.{PLACE}.aliyuncs.com "
        f"SNAPIMAGE_FC_ENDPOINT=https://{ACCOUNT}.{PLACE}.fc.aliyuncs.com "
        "snapimage replay --from-dead-letters --to fc3"
    )


@pytest.mark.parametrize("action", ["CreateRole", "DeleteRule", "PutMetricAlarm", "getRole", "AttachPolicyToRole"])
def test_what_is_no_read_is_not_sent(action: str) -> None:
    with pytest.raises(ValueError, match="is no read"):
        rpc.read(SESSION, rpc.RAM, action)


def settings(endpoint: str, account_id: str = ACCOUNT) -> Finding:
    return check_settings(declared(account_id), {REGION: PLACE, QUEUES: endpoint}, is_local=False)


def test_a_queue_of_another_account_is_named() -> None:
    found = settings("http://9999999999999999.mns.cn-hangzhou-internal.aliyuncs.com")

    assert (found.health, found.mend) == (
        Health.WRONG,
        f"export SNAPIMAGE_MNS_ENDPOINT=http://{ACCOUNT}.mns.cn-hangzhou-internal.aliyuncs.com",
    )


def test_the_right_settings_are_ok_only_when_the_account_is_known() -> None:
    right = f"http://{ACCOUNT}.mns.cn-hangzhou-internal.aliyuncs.com"

    assert (settings(right).health, settings(right, "0").health) == (Health.OK, Health.UNKNOWN)


def test_a_role_with_policies_of_somebody_elses_making_is_unknown() -> None:
    role = DeployedRole(read_policy("trust", PLACE, ACCOUNT), {"everything": None})
    found = Deployment(CALLER, 1, roles={"create_image": role})

    (finding,) = check_roles(found, declared(), "snapimage setup")

    assert (finding.health, finding.text) == (
        Health.UNKNOWN,
        "has other policies (everything), which were not looked into",
    )


def test_more_dead_letters_than_one_look_shows_are_not_counted() -> None:
    found = Deployment(CALLER, 1, queues=dict.fromkeys((STATUS_QUEUE, DEAD_LETTER_QUEUE), WANTED), letters=16)

    *_, letters = check_queues(found, mending_for(SESSION, ACCOUNT))

    assert (letters.health, letters.text) == (Health.WRONG, "16 or more: events that were given up")


def test_a_service_of_which_nothing_could_be_read_is_unknown() -> None:
    refused = Unread("NoPermission", "NoPermission: no")
    found = Deployment(
        CALLER, refused, {STATUS_QUEUE: refused}, refused, functions={"create_image": refused}, rule=refused
    )

    assert {each.health for each in check_services(found)} == {Health.UNKNOWN}


def test_a_configuration_is_the_same_whatever_the_order_of_its_keys() -> None:
    assert same_json('{"a": [1], "b": 2}', '{"b":2,"a":[1]}')
    assert not same_json('{"a": [1]}', '{"a": [2]}')
    assert not same_json("@every 1m", "@every 2m")
