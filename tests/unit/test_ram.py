"""RAM policies as the local cloud understands them, and the shipped ones as a command fills them in."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from deploy.policies import fill_in, read_policy
from files.errors import CommandError
from localcloud.ram import AccessKeys, Policy, find_refused, is_allowed
from ops.queues.attributes import Attributes
from ops.setup import WANTED, AccountPlace, LeaveQueue, MakeQueue, WidenQueue, find_place, plan_queue
from shared.domain.plans import Plans

IMAGES = "acs:ecs:cn-hangzhou:1:image/*"
ONE = "acs:ecs:cn-hangzhou:1:image/m-1"


def statement(action: Any = "ecs:DescribeImages", resource: Any = IMAGES, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.model_validate({"Version": "1", "Statement": statements or (statement(),)})


@pytest.mark.parametrize(
    ("given", "action", "resource", "expected"),
    [
        (statement(), "ecs:DescribeImages", IMAGES, True),
        (statement(), "ecs:DescribeImages", ONE, True),
        (statement(), "ECS:describeimages", ONE, True),
        (statement(), "ecs:DescribeSnapshots", ONE, False),
        (statement(), "ecs:DescribeImages", "acs:ecs:cn-hangzhou:2:image/m-1", False),
        (statement(), "ecs:DescribeImages", "ACS:ECS:cn-hangzhou:1:image/m-1", False),
        (statement(resource=ONE), "ecs:DescribeImages", IMAGES, False),
        (statement(resource=ONE), "ecs:DescribeImages", ONE + "0", False),
        (statement("*", "*"), "mns:SendMessage", "acs:mns:cn-hangzhou:1:/queues/q/messages", True),
        (statement("ecs:Describe*"), "ecs:DescribeImages", ONE, True),
        (statement("ecs:Describe*"), "ecs:DeleteImage", ONE, False),
        (statement(["ecs:DeleteImage", "ecs:DescribeImages"], [ONE, IMAGES]), "ecs:DescribeImages", ONE, True),
        (statement(resource="acs:ecs:*:*:image/m-*"), "ecs:DescribeImages", ONE, True),
        (statement(resource="acs:ecs:cn.hangzhou:1:image/*"), "ecs:DescribeImages", ONE, False),
    ],
)
def test_a_policy_allows_what_one_statement_names(
    given: dict[str, Any], action: str, resource: str, expected: bool
) -> None:
    assert is_allowed(policy(given), action, resource) is expected


def test_a_deny_outweighs_every_allow_wherever_it_stands() -> None:
    denied = statement("ecs:*", ONE, "Deny")

    assert not is_allowed(policy(denied, statement()), "ecs:DescribeImages", ONE)
    assert not is_allowed(policy(statement(), denied), "ecs:DescribeImages", ONE)


def test_a_deny_says_nothing_about_other_resources() -> None:
    given = policy(statement(effect="Deny", resource=ONE), statement())

    assert is_allowed(given, "ecs:DescribeImages", "acs:ecs:cn-hangzhou:1:image/m-2")


def test_a_line_break_does_not_slip_past_a_deny() -> None:
    given = policy(statement("*", "*"), statement(effect="Deny"))

    assert not is_allowed(given, "ecs:DescribeImages", "acs:ecs:cn-hangzhou:1:image/m\n1")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ({"Version": "2", "Statement": [statement()]}, "Version"),
        ({"Version": "1", "Statement": [statement()], "Id": "p"}, "Id"),
        ({"Version": "1", "Statement": []}, "Statement"),
        ({"Version": "1", "Statement": [statement(effect="Permit")]}, "Statement.0.Effect"),
        ({"Version": "1", "Statement": [statement() | {"Condition": {}}]}, "Statement.0.Condition"),
        ({"Version": "1", "Statement": [statement() | {"NotAction": "ecs:*"}]}, "Statement.0.NotAction"),
        ({"Version": "1", "Statement": [statement() | {"Principal": {}}]}, "Statement.0.Principal"),
        ({"Version": "1", "Statement": [statement("DescribeImages")]}, "Statement.0.Action.0"),
        ({"Version": "1", "Statement": [statement(resource="image/*")]}, "Statement.0.Resource.0"),
        ({"Version": "1", "Statement": [statement(resource="acs:ecs:{region}:1:image/*")]}, "Statement.0.Resource.0"),
        ({"Version": "1", "Statement": [statement(resource=[])]}, "Statement.0.Resource"),
    ],
)
def test_a_policy_with_anything_else_in_it_is_refused_by_name(written: dict[str, Any], name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate(written)

    assert [".".join(map(str, part["loc"])) for part in caught.value.errors()] == [name]


def test_keys_are_a_mapping_of_secrets() -> None:
    keys = AccessKeys({"LTAIowner": "one"})
    keys.add("LTAIlimited", "two", policy())

    assert dict(keys) == {"LTAIowner": "one", "LTAIlimited": "two"}
    assert "LTAIstranger" not in keys


def test_the_owners_key_has_no_policy_and_a_strangers_is_unknown() -> None:
    keys = AccessKeys({"LTAIowner": "one"})
    keys.add("LTAIlimited", "two", policy())

    assert (keys.policy_of("LTAIowner"), keys.policy_of("LTAIlimited")) == (None, policy())
    with pytest.raises(KeyError):
        keys.policy_of("LTAIstranger")


def test_a_key_that_is_given_out_anew_loses_its_policy() -> None:
    keys = AccessKeys()
    keys.add("LTAI1", "one", policy())
    keys.add("LTAI1", "two")

    assert (keys["LTAI1"], keys.policy_of("LTAI1")) == ("two", None)


def test_the_first_resource_that_is_not_allowed_is_named() -> None:
    keys = AccessKeys()
    keys.add("LTAI1", "one", policy())

    assert find_refused(keys, "LTAI1", "ecs:DescribeImages", [IMAGES, ONE]) is None
    assert find_refused(keys, "LTAI1", "ecs:DescribeImages", [ONE, "acs:else", "acs:other"]) == "acs:else"


def test_plain_secrets_may_do_everything() -> None:
    assert find_refused({"LTAI1": "one"}, "LTAI1", "ecs:DeleteImage", [ONE]) is None


def plans_of(**plan: Any) -> Plans:
    return Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "web", **plan}]})


SHIPPED = ["create_image", "reconcile_snapshots", "retire_images", "track_images", "subscriber", "invoker"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_is_of_one_region_and_one_account(name: str) -> None:
    filled = Policy.model_validate(read_policy(name, "cn-hangzhou", "123"))

    owners = {tuple(resource.split(":")[2:4]) for each in filled.statements for resource in each.resources}
    assert owners == {("cn-hangzhou", "123")}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_grants_no_group_of_actions(name: str) -> None:
    filled = Policy.model_validate(read_policy(name, "cn-hangzhou", "123"))

    assert [action for each in filled.statements for action in each.actions if "*" in action] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_instances_may_be_looked_at_only_where_plans_ask_for_it(name: str) -> None:
    plans = plans_of(source={"instance_tags": {"stage": "live"}}), plans_of()
    asked, unasked = (json.dumps(read_policy(name, "cn-hangzhou", "123", each)) for each in plans)

    assert ("ecs:DescribeInstances" in asked) is (name in {"create_image", "reconcile_snapshots"})
    assert "ecs:DescribeInstances" not in unasked


@pytest.mark.parametrize(
    ("mode", "changes", "deletes"), [("report", False, False), ("deprecate", True, False), ("delete", True, True)]
)
def test_the_role_of_retirement_may_do_what_the_plans_ask_for(mode: str, changes: bool, deletes: bool) -> None:
    plans = plans_of(retire={"mode": mode, "keep": {"last": 2}})
    text = json.dumps(read_policy("retire_images", "cn-hangzhou", "123", plans))

    assert ("ecs:ModifyImageAttribute" in text, "Delete" in text) == (changes, deletes)


def test_function_compute_is_who_may_take_the_role() -> None:
    assert read_policy("trust", "cn-hangzhou", "123")["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["fc.aliyuncs.com"]}}
    ]


@pytest.mark.parametrize(
    ("name", "region", "account", "says"),
    [
        ("create_image", "*", "123", "region '*': not well formed"),
        ("create_image", "cn-hangzhou", "*", "account_id '*': not well formed"),
        ("create_image", "cn-hangzhou", "12 3", "account_id '12 3': not well formed"),
        ("no_such", "cn-hangzhou", "123", "deploy/ram/no_such.json: No such file or directory"),
    ],
)
def test_what_cannot_be_filled_in_is_named(name: str, region: str, account: str, says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("*", r"\*")):
        read_policy(name, region, account)


def test_a_placeholder_that_nobody_knows_is_named() -> None:
    with pytest.raises(CommandError, match=r"deploy/ram/mine\.json: unknown placeholder bucket"):
        fill_in('{"Resource": "acs:oss:{region}:{bucket}"}', {"region": "cn-hangzhou"}, "mine")


LARGER = Attributes(300, 65536, 1296000, delay_seconds=5, polling_wait_seconds=10, logging_enabled=True)


@pytest.mark.parametrize(
    ("existing", "decision"),
    [
        (None, MakeQueue(WANTED)),
        (WANTED, LeaveQueue()),
        (LARGER, LeaveQueue()),
        (
            Attributes(300, 2048, 1296000, delay_seconds=5, logging_enabled=True),
            WidenQueue(
                Attributes(300, 65536, 1296000, delay_seconds=5, logging_enabled=True),
                ("MaximumMessageSize from 2048 to 65536",),
            ),
        ),
    ],
)
def test_a_queue_is_made_or_widened_and_never_narrowed(existing: Attributes | None, decision: object) -> None:
    assert plan_queue(existing) == decision


@pytest.mark.parametrize("host", ["cn-hangzhou", "cn-hangzhou-internal", "cn-hangzhou-internal-vpc"])
def test_an_endpoint_tells_region_and_account(host: str) -> None:
    assert find_place(f"https://123.mns.{host}.aliyuncs.com", None, None) == AccountPlace("cn-hangzhou", "123")


def test_another_endpoint_needs_the_options() -> None:
    assert find_place("http://mns.example", "cn-hangzhou", "123") == AccountPlace("cn-hangzhou", "123")
    with pytest.raises(
        CommandError, match=r"no account: give --account, because the endpoint http://mns\.example does"
    ):
        find_place("http://mns.example", "cn-hangzhou", None)


def test_an_option_that_contradicts_the_endpoint_is_a_mistake() -> None:
    with pytest.raises(CommandError, match=r"--region cn-beijing: the endpoint .* is of cn-hangzhou"):
        find_place("http://123.mns.cn-hangzhou.aliyuncs.com", "cn-beijing", None)
