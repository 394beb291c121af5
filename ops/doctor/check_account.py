"""Keys, region, settings and services: whether anything can work at all."""

from collections.abc import Iterator, Mapping

from ops.account import QUEUES
from ops.doctor.declared import NO_ACCOUNT, Declared
from ops.doctor.facts import Caller, Deployment
from ops.doctor.finding import Finding, Unread, fine, judge, unknown, wrong
from ops.keys import KEY, SECRET
from ops.plans.before_deployment import find_wrong_endpoint
from ops.session import REGION

BAD_KEYS = frozenset({
    "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "IncompleteSignature", "InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed",
    "InvalidSecurityToken.MismatchWithAccessKey",
})  # fmt: skip
"""OpenAPI "Common error codes"."""
BAD_REGION = frozenset({"InvalidRegionId.NotFound", "InvalidRegionId"})
"""ECS API reference, DescribeDisks."""
NOT_ENABLED = "service is not enabled for current user"
"""Function Compute gives AccessDenied for this and for a missing right; only the words differ, and the vendor's own tools
go by them (alibaba/funcraft, pull request 243)."""
NO_BUS = "EventBusNotExist"
"""Every account has the default bus once EventBridge is active (EventBridge help, "Event bus overview")."""


def check_keys(caller: Caller | Unread) -> Finding:
    if isinstance(caller, Caller):
        return fine("keys", f"{caller.arn} of account {caller.account_id}")
    if caller.code in BAD_KEYS:
        mend = f"export {KEY}=... {SECRET}=..., or log in with the vendor's tool: aliyun configure"
        return wrong("keys", f"refused ({caller.code})", mend)
    return unknown("keys", caller)


def check_settings(declared: Declared, environment: Mapping[str, str], is_local: bool) -> Finding:
    """What s.yaml takes from the environment of `s deploy`."""
    problems = []
    region, endpoint = environment.get(REGION, ""), environment.get(QUEUES, "")
    right = f"http://{declared.account_id}.mns.{declared.region}-internal.aliyuncs.com"
    if region != declared.region:
        told = f"{REGION} is {region}, the plans are for {declared.region}" if region else f"{REGION} is not set"
        problems.append((told, f"export {REGION}={declared.region}"))
    if not endpoint:
        problems.append((f"{QUEUES} is not set", f"export {QUEUES}={right}"))
    elif not is_local and (why := _find_wrong(endpoint, declared)):
        problems.append((f"{QUEUES}: {why}", f"export {QUEUES}={right}"))
    if not problems and declared.account_id == NO_ACCOUNT and not is_local:
        return unknown("settings", "the account is not known, so the queue's is not compared")
    return judge("settings", problems, f"{REGION}, {QUEUES}")


def _find_wrong(endpoint: str, declared: Declared) -> str | None:
    if wrong_form := find_wrong_endpoint(endpoint, declared.region):
        return wrong_form
    account = endpoint.rpartition("://")[2].partition(".")[0]
    is_known = declared.account_id != NO_ACCOUNT and endpoint.rstrip("/").endswith(".aliyuncs.com")
    if is_known and account != declared.account_id:
        return f"a queue of account {account}, but the keys are of {declared.account_id}"
    return None


def check_region(found: Deployment, declared: Declared) -> Finding:
    mend = "write the region of your machines into plans.yaml: snapimage init --region REGION --force"
    match found.disks:
        case Unread() as unread if unread.code in BAD_REGION:
            return wrong("region", f"{declared.region} is refused ({unread.code})", mend)
        case Unread() as unread:
            return unknown("region", unread)
        case 0:
            return wrong("region", f"there is no disk in {declared.region}", mend)
        case _:
            return fine("region", f"{declared.region} has disks")


def check_services(found: Deployment) -> Iterator[Finding]:
    """A service that answered is active, even where it says that something does not exist."""
    yield _service("ECS", [found.disks], "https://ecs.console.aliyun.com")
    yield _service("Simple Message Queue", list(found.queues.values()), "https://mns.console.aliyun.com")
    yield _service("Function Compute", list(found.functions.values()), "https://fcnext.console.aliyun.com")
    yield _service("EventBridge", [found.rule], "https://eventbridge.console.aliyun.com")


def _service(name: str, facts: list[object], console: str) -> Finding:
    check, unread = f"service {name}", [each for each in facts if isinstance(each, Unread)]
    if len(unread) < len(facts):
        return fine(check, "answers")
    if NOT_ENABLED in unread[0].words or unread[0].code == NO_BUS:
        return wrong(check, "is not active in this account", f"activate it, once: {console}")
    return unknown(check, unread[0])
