"""Security Token Service 2015-04-01: whose key it is (API reference GetCallerIdentity, which asks for no right)."""

from typing import Any

from localcloud.rpc.calls import RpcCall

VERSION = "2015-04-01"


class Identity:
    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def get_caller_identity(self, call: RpcCall) -> dict[str, Any]:
        """Every key of the local cloud is one of its account; which user or role has it is made up."""
        call.check_names()
        return {
            "IdentityType": "Account",
            "AccountId": self._account_id,
            "UserId": self._account_id,
            "PrincipalId": self._account_id,
            "Arn": f"acs:ram::{self._account_id}:root",
        }
