"""Which RAM action and resource each MNS operation asks for.

Each operation's own page, help.aliyun.com 35129 to 35142: the action is the operation's name, also of a batch (35141:
mns:BatchPeekMessage). The page on custom policies has the same for queues.
"""

from collections.abc import Mapping

from localcloud.mns.errors import MnsError
from localcloud.mns.routing import Operation
from localcloud.ram import find_refused


def check_permission(keys: Mapping[str, str], key_id: str, operation: Operation, owner: str) -> None:
    """`owner`: what every resource name begins with, `acs:mns:REGION:ACCOUNT:`."""
    action, resource = f"mns:{operation.action}", owner + _resource(operation)
    if find_refused(keys, key_id, action, [resource]) is not None:
        raise MnsError("AccessDenied", f"{action} on {resource}")


def _resource(operation: Operation) -> str:
    if "Message" in operation.action:
        return f"/queues/{operation.queue}/messages"
    return f"/queues/{operation.queue}"
