"""Security Token Service 2015-04-01: whose key it is (API reference GetCallerIdentity, which asks for no right)."""

from typing import Any

from localcloud.ecs.action import ApiAction
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore


def get_caller_identity(store: EcsStore, params: Params) -> dict[str, Any]:
    """Every key of the local cloud is one of its account; which user or role has it is made up."""
    account_id = store.world.account_id
    who = dict.fromkeys(("AccountId", "UserId", "PrincipalId"), account_id)
    return {"IdentityType": "Account", "Arn": f"acs:ram::{account_id}:root", **who}


ACTIONS = {"GetCallerIdentity": ApiAction(get_caller_identity, "", lambda params: [])}
