"""Which RAM action and resource each call of Function Compute asks for.

FC help, "Policies and sample policies": the action is the operation's name; resources are
`acs:fc:{region}:{account}:functions/F` in FC 3.0 and `.../services/S/functions/F` in FC 2.0, tasks below them.
"""

from collections.abc import Mapping

from localcloud.fc.calls import FcCall
from localcloud.fc.errors import FcError
from localcloud.ram import find_refused

RIGHTS = {"GetAsyncInvokeConfig": "GetFunctionAsyncInvokeConfig"}
"""FC API reference, "RAM authorization": where the action is not called as the operation."""
TASKS = {"GetAsyncTask": "async-tasks", "GetStatefulAsyncInvocation": "stateful-async-invocations"}


def check_permission(keys: Mapping[str, str], key_id: str, call: FcCall, owner: str) -> None:
    """`owner`: what every resource name begins with, `acs:fc:REGION:ACCOUNT:`."""
    service = f"services/{call.service}/" if call.service else ""
    task = f"/{TASKS[call.action]}/{call.task_id}" if call.action in TASKS else ""
    triggers = "/triggers/*" if call.action == "ListTriggers" else ""
    resource = f"{owner}{service}functions/{call.function}{task}{triggers}"
    right = f"fc:{RIGHTS.get(call.action, call.action)}"
    if find_refused(keys, key_id, right, [resource]) is not None:
        raise FcError(403, "AccessDenied", f"the key may not do {right} on {resource}")
