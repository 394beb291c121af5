"""The shipped policy of an operator: the commands work with it, and with any one grant less they do not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fc_calls import package
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, settings_for

from deploy.policies import read_policy
from deploy.serverless import function_names
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from ops.invoke import FunctionPlace, InvokeError
from ops.operate.forget import ForgetSelection, forget_outcomes
from ops.operate.make import make_named
from ops.operate.pause import pause_functions, resume_functions
from ops.session import Account
from shared.domain.errors import CloudError
from shared.wiring import open_cloud

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
KEYS = {"access_key_id": "LTAIlimited", "access_key_secret": "made-up"}
HANDLER = """
def handler(event, context):
    return {"counts": {}}
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    functions = [package(tmp_path / name, HANDLER, name=name) for name in function_names().values()]
    with LocalCloud(MADE_UP_WORLD, functions=functions) as started:
        yield started


def allow(cloud: LocalCloud, policy: Policy) -> Account:
    cloud.keys.add(KEYS["access_key_id"], KEYS["access_key_secret"], policy)
    settings = settings_for(cloud, **KEYS)
    return Account(settings, MADE_UP_PLANS, open_cloud(settings, CloudClock(cloud)))


def operate(cloud: LocalCloud, account: Account) -> list[Any]:
    """One image with a whole set, one of a consistent group; one forgotten; a pause and its end."""
    said: list[str] = []
    done: list[Any] = [make_named(["s-bp1websys20", "s-bp1fleet2sys"], None, account, False, said.append)]
    (first, _) = cloud.ecs.store.images
    cloud.ecs.store.images.remove(first)
    done.append(forget_outcomes(ForgetSelection(("s-bp1websys20",)), account, False, False, said.append))
    where = FunctionPlace(cloud.endpoint, REGION, *KEYS.values())
    pause_functions(where, account, False, said.append)
    done.append(resume_functions(where, account, None, False, said.append))
    return done


def grants(policy: Policy) -> list[tuple[str, str]]:
    return [
        (action, resource)
        for statement in policy.statements
        for action in statement.actions
        for resource in statement.resources
    ]


SHIPPED = Policy.model_validate(read_policy("operator", REGION, ACCOUNT))


def test_an_operator_can_do_it_all_with_the_shipped_policy(cloud: LocalCloud) -> None:
    assert operate(cloud, allow(cloud, SHIPPED)) == [True, True, True]


@pytest.mark.parametrize("missing", grants(SHIPPED))
def test_with_any_one_grant_less_something_fails(cloud: LocalCloud, missing: tuple[str, str]) -> None:
    action, resource = missing
    left = [
        {"Effect": "Allow", "Action": [each], "Resource": [where]}
        for each, where in grants(SHIPPED)
        if (each, where) != (action, resource)
    ]
    account = allow(cloud, Policy.model_validate({"Version": "1", "Statement": left}))

    assert not worked(cloud, account)


def worked(cloud: LocalCloud, account: Account) -> bool:
    try:
        return all(operate(cloud, replace(account))) and told_all(cloud)
    except (CloudError, InvokeError, ValueError):
        return False


def told_all(cloud: LocalCloud) -> bool:
    """An image whose message or outcome could not be written is not whole."""
    forgotten, made = (cloud.ecs.store.snapshots[each].tags for each in ("s-bp1websys20", "s-bp1fleet2sys"))
    return forgotten == {"snapimage:attempt": "2"} and made.get("snapimage:outcome", "").startswith("requested")
