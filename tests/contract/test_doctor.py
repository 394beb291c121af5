"""`snapimage doctor` against a local cloud with each thing broken in turn: it names it, and what mends it."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from made_up import MADE_UP_WORLD

from deploy.build import MARKER, fingerprint, functions
from deploy.policies import DEAD_LETTER_QUEUE, STATUS_QUEUE, read_policy
from files.yaml_model import read_model
from localcloud.faults import PlantedFault
from localcloud.fc.restriction import InvocationRestriction
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from ops.doctor.declared import code_checksum
from ops.doctor.examine import Checkout, examine
from ops.doctor.finding import Finding, Health
from ops.keys import KEY, SECRET, TOKEN
from ops.local.product import deploy
from ops.session import REGION, open_session
from ops.setup import WANTED
from shared.domain.plans import Plans

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated function:DeprecationWarning")
"""aliyun-mns-sdk 1.3.0 warns of what it does itself when it reads the attributes of a queue."""

PLANS = "region: cn-hangzhou\nplans:\n  - name: web\n    since: 2026-11-20T00:00:00Z\n    source: {instances: [i-bp1web01]}\n"
EVENT, SWEEP = "snapimage-create-image", "snapimage-reconcile-snapshots"
RULE = f"{EVENT}-snapshot-completed"
SETUP = "snapimage setup --endpoint"


@dataclass(frozen=True)
class ExaminedDeployment:
    """A deployment in which nothing is wrong, and which a test breaks."""

    cloud: LocalCloud
    checkout: Checkout

    def examine(self) -> dict[str, Finding]:
        return {each.check: each for each in examine(open_session(self.cloud.endpoint, None), self.checkout)}

    def redeploy(self, name: str, **changes: Any) -> None:
        (spec,) = [each.spec for each in self.cloud.fc.functions() if each.spec.name == name]
        self.cloud.fc.deploy([spec.model_copy(update=changes)])


def make_packages(folder: Path) -> Path:
    """Of one small module each: what is compared is told apart by it all the same."""
    for name in functions():
        (folder / name).mkdir(parents=True)
        (folder / name / "handler.py").write_text(f"# {name}\n")
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr("handler.py", f"# {name}\n")
    return folder


@contextmanager
def open_deployment(folder: Path) -> Iterator[ExaminedDeployment]:
    packages, plans = make_packages(folder / "build"), folder / "plans.yaml"
    plans.write_text(PLANS)
    (packages / MARKER).write_text(fingerprint(plans))
    with LocalCloud(MADE_UP_WORLD) as cloud:
        deploy(cloud, packages, MADE_UP_WORLD, read_model(plans, Plans))
        for queue in (STATUS_QUEUE, DEAD_LETTER_QUEUE):
            sizes = {name: getattr(WANTED, name) for name in ("visibility_timeout", "message_retention_period")}
            cloud.mns.queues.set_attributes(queue, **sizes)
        for function in cloud.fc.functions():
            function.last_invoked = cloud.clock.now()
        environment = {REGION: MADE_UP_WORLD.region, "SNAPIMAGE_MNS_ENDPOINT": cloud.endpoint}
        yield ExaminedDeployment(cloud, Checkout(plans, packages, environment))


@pytest.fixture(scope="module", autouse=True)
def no_keys() -> Iterator[None]:
    """The local cloud's owner looks, unless a test says otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (KEY, SECRET, TOKEN, REGION):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[ExaminedDeployment]:
    with open_deployment(tmp_path) as opened:
        yield opened


def plant(deployed: ExaminedDeployment, action: str, status: int, code: str, message: str = "as planted") -> None:
    error = {"status": status, "code": code, "message": message}
    deployed.cloud.faults.plant([PlantedFault.model_validate({"action": action, "error": error, "times": 9})])


def timers(deployed: ExaminedDeployment, **changes: Any) -> list[Any]:
    (spec,) = [each.spec for each in deployed.cloud.fc.functions() if each.spec.name == SWEEP]
    return [spec.timers[0].model_copy(update=changes), *spec.timers[1:]]


def fail_sweeps(deployed: ExaminedDeployment) -> None:
    for function in deployed.cloud.fc.functions():
        function.last_failed = function.last_invoked


def other_package(deployed: ExaminedDeployment) -> Path:
    other = deployed.checkout.packages / "other.zip"
    other.write_bytes(b"another package")
    return other


def test_nothing_is_wrong_with_a_whole_deployment(deployed: ExaminedDeployment) -> None:
    found = deployed.examine()

    assert {check: each.text for check, each in found.items() if each.health is not Health.OK} == {}
    assert len(found) == 37


def test_nothing_is_written_on_the_wire(deployed: ExaminedDeployment) -> None:
    deployed.examine()

    assert {call.action for call in deployed.cloud.journal.calls()} == {
        "GetCallerIdentity", "DescribeDisks", "GetQueueAttributes", "BatchPeekMessage", "GetRole", "ListPoliciesForRole",
        "GetPolicy", "GetFunction", "ListTriggers", "GetAsyncInvokeConfig", "GetRule", "DescribeMetricLast",
    }  # fmt: skip


Break = Callable[[ExaminedDeployment], object]
BROKEN: list[dict[str, tuple[Break, str, str, str]]] = [
    {
        "queue missing": (
            lambda it: it.cloud.mns.queues.delete(STATUS_QUEUE),
            f"queue {STATUS_QUEUE}", "does not exist", SETUP,
        ),
        "role missing": (
            lambda it: it.cloud.roles.stored.pop(EVENT),
            f"role {EVENT}", "does not exist", f"aliyun ram CreateRole --RoleName {EVENT}",
        ),
        "rule missing": (
            lambda it: it.cloud.fc.triggers.rules.pop(RULE),
            f"event rule {RULE}", "does not exist on the default bus", "s deploy",
        ),
        "sweeps that stopped": (
            lambda it: it.cloud.clock.advance(3600),
            f"last run of {SWEEP}", "though one is due every minute", "s deploy",
        ),
        "plans that cannot work": (
            lambda it: it.checkout.plans.write_text(PLANS.replace("since", "sinse")),
            "plans", "sinse: unknown key", "snapimage plans check",
        ),
    },
    {
        "queue too small": (
            lambda it: it.cloud.mns.queues.set_attributes(STATUS_QUEUE, maximum_message_size=2048),
            f"queue {STATUS_QUEUE}", "too small: MaximumMessageSize from 2048 to 65536", SETUP,
        ),
        "role that nobody may take": (
            lambda it: it.cloud.roles.stored[EVENT].trust.update(Statement=[]),
            f"role {EVENT}", "Function Compute may not take it", f"aliyun ram UpdateRole --RoleName {EVENT}",
        ),
        "function paused": (
            lambda it: setattr(it.cloud.fc.functions()[0], "restriction", InvocationRestriction("snapimage pause", 0.0)),
            f"function {EVENT}", "is stopped (snapimage pause)", "snapimage resume",
        ),
        "rule disabled": (
            lambda it: setattr(it.cloud.fc.triggers.rules[RULE], "enabled", False),
            f"event rule {RULE}", "is disabled",
            f"aliyun eventbridge EnableRule --EventBusName default --RuleName {RULE} --region cn-hangzhou",
        ),
        "last sweep failed": (
            fail_sweeps,
            f"last run of {SWEEP}", "failed at 2026-11-20T02:10:00Z", "s reconcile_snapshots logs --tail",
        ),
        "plan without since": (
            lambda it: it.checkout.plans.write_text(PLANS.replace("    since: 2026-11-20T00:00:00Z\n", "")),
            "plans", "an enabled plan says since when", "snapimage build --deploy",
        ),
    },
    {
        "dead letters": (
            lambda it: it.cloud.mns.queues.send(DEAD_LETTER_QUEUE, "{}"),
            "dead letters", "1: events that were given up", "snapimage replay --from-dead-letters --to fc3",
        ),
        "role without policy": (
            lambda it: it.cloud.roles.stored[EVENT].policies.clear(),
            f"role {EVENT}", "has no policy", f"aliyun ram AttachPolicyToRole --RoleName {EVENT}",
        ),
        "function of another role": (
            lambda it: it.redeploy(EVENT, role="acs:ram::1:role/admin"),
            f"function {EVENT}", "role is acs:ram::1:role/admin, not acs:ram::1234567890123456:role/snapimage-create-image",
            "s deploy",
        ),
        "timer missing": (
            lambda it: it.redeploy(SWEEP, timers=timers(it)[1:]),
            f"trigger every-minute of {SWEEP}", "does not exist", "s deploy",
        ),
        "no plans": (
            lambda it: it.checkout.plans.unlink(),
            "plans", "plans.yaml", "snapimage init",
        ),
    },
    {
        "policy of another version": (
            lambda it: it.cloud.roles.stored[EVENT].policies[f"{EVENT}-cn-hangzhou"]["Statement"].pop(),
            f"role {EVENT}", "its policy snapimage-create-image-cn-hangzhou is not the one of this checkout",
            f"aliyun ram CreatePolicyVersion --PolicyName {EVENT}-cn-hangzhou",
        ),
        "function that is too short of time": (
            lambda it: it.redeploy(EVENT, timeout=3),
            f"function {EVENT}", "timeout is 3, not 120", "s deploy",
        ),
        "packages of an older checkout": (
            lambda it: (it.checkout.packages / MARKER).write_text("of yesterday"),
            f"version of {EVENT}", "the checkout or the plans changed since the packages were built", "s deploy",
        ),
        "timer disabled": (
            lambda it: it.redeploy(SWEEP, timers=timers(it, enabled=False)),
            f"trigger every-minute of {SWEEP}", "is disabled", "s deploy",
        ),
        "no bus": (
            lambda it: plant(it, "GetRule", 409, "EventBusNotExist"),
            "service EventBridge", "is not active in this account", "https://eventbridge.console.aliyun.com",
        ),
    },
    {
        "other version": (
            lambda it: it.redeploy(EVENT, archive=other_package(it)),
            f"version of {EVENT}", "other code than that of this checkout", "s deploy",
        ),
        "timer of another pace": (
            lambda it: it.redeploy(SWEEP, timers=timers(it, cron="@every 30m")),
            f"trigger every-minute of {SWEEP}", "cronExpression is @every 30m, not @every 1m", "s deploy",
        ),
    },
    {
        "function missing": (
            lambda it: it.cloud.fc.remove(EVENT),
            f"function {EVENT}", "is not deployed", "s deploy",
        ),
    },
    {
        "Function Compute not active": (
            lambda it: plant(it, "GetFunction", 403, "AccessDenied", "FC service is not enabled for current user."),
            "service Function Compute", "is not active in this account", "https://fcnext.console.aliyun.com",
        ),
    },
]  # fmt: skip
"""What is broken at the same time, none of it hiding another: how it is broken, which check names it, and what mends it."""


@pytest.fixture(scope="module")
def found_broken(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Finding]]:
    return [examine_broken([each[0] for each in some.values()], tmp_path_factory.mktemp("broken")) for some in BROKEN]


def examine_broken(breaks: Iterable[Break], folder: Path) -> dict[str, Finding]:
    with open_deployment(folder) as deployed:
        for break_it in breaks:
            break_it(deployed)
        return deployed.examine()


@pytest.mark.parametrize(("number", "name"), [(number, name) for number, some in enumerate(BROKEN) for name in some])
def test_what_is_broken_is_named_with_the_command_that_mends_it(
    number: int, name: str, found_broken: list[dict[str, Finding]]
) -> None:
    _, check, text, mend = BROKEN[number][name]

    found = found_broken[number][check]

    assert found.health is Health.WRONG
    assert text in found.text
    assert mend in found.mend


def test_a_wrong_key_is_named_and_nothing_is_called_ok_by_it(
    deployed: ExaminedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, deployed.cloud.access_key_id)
    monkeypatch.setenv(SECRET, "not-the-secret")

    found = deployed.examine()

    assert (found["keys"].health, found["keys"].text) == (Health.WRONG, "refused (SignatureDoesNotMatch)")
    assert "aliyun configure" in found["keys"].mend
    assert {check for check, each in found.items() if each.health is Health.OK} == {"plans", "settings"}


def test_a_region_that_is_not_the_machines_is_named(deployed: ExaminedDeployment) -> None:
    session = open_session(deployed.cloud.endpoint, "cn-beijing")

    found = {each.check: each for each in examine(session, deployed.checkout)}

    assert (found["region"].health, found["region"].mend[:40]) == (
        Health.WRONG, "write the region of your machines into p",
    )  # fmt: skip


def test_settings_that_are_missing_are_given_as_lines_to_type(deployed: ExaminedDeployment) -> None:
    bare = replace(deployed, checkout=replace(deployed.checkout, environment={}))

    found = bare.examine()["settings"]

    assert (found.health, found.mend) == (
        Health.WRONG,
        "export SNAPIMAGE_REGION=cn-hangzhou && "
        "export SNAPIMAGE_MNS_ENDPOINT=http://1234567890123456.mns.cn-hangzhou-internal.aliyuncs.com",
    )


REFUSED = [
    {
        "DescribeDisks": "region",
        "GetQueueAttributes": f"queue {STATUS_QUEUE}",
        "BatchPeekMessage": "dead letters",
        "GetRole": f"role {EVENT}",
        "GetFunction": f"function {EVENT}",
        "GetRule": f"event rule {RULE}",
        "DescribeMetricLast": f"last run of {SWEEP}",
    },
    {
        "ListPoliciesForRole": f"role {EVENT}",
        "ListTriggers": f"trigger snapshot-completed of {EVENT}",
        "GetAsyncInvokeConfig": f"failure destination of {EVENT}",
    },
    {"GetPolicy": f"role {EVENT}"},
]
"""What is asked, and the check that needs it; of each of these together no other is asked in vain."""
DENIED: dict[str, Any] = {"error": {"status": 403, "code": "AccessDenied", "message": "as planted"}}


@pytest.mark.parametrize("fault", [DENIED, {"reply": "not_json"}], ids=["refused", "makes no sense"])
@pytest.mark.parametrize("checks", REFUSED, ids=[" ".join(each) for each in REFUSED])
def test_what_cannot_be_read_is_unknown_and_not_ok(
    checks: dict[str, str], fault: dict[str, Any], deployed: ExaminedDeployment
) -> None:
    faults = [PlantedFault.model_validate({"action": action, "times": 9, **fault}) for action in checks]
    deployed.cloud.faults.plant(faults)

    found = deployed.examine()

    assert {check: found[check].health for check in checks.values()} == dict.fromkeys(checks.values(), Health.UNKNOWN)
    assert [check for check in checks.values() if ("AccessDenied" in found[check].text) is not (fault == DENIED)] == []


def test_without_packages_the_version_is_unknown(deployed: ExaminedDeployment, tmp_path: Path) -> None:
    bare = replace(deployed, checkout=replace(deployed.checkout, packages=tmp_path / "none"))

    found = bare.examine()[f"version of {EVENT}"]

    assert (found.health, found.mend) == (Health.UNKNOWN, "snapimage build --deploy")


def test_sweeps_of_a_deployment_a_moment_ago_are_unknown(deployed: ExaminedDeployment) -> None:
    for function in deployed.cloud.fc.functions():
        function.last_invoked = None

    found = deployed.examine()[f"last run of {SWEEP}"]

    assert (found.health, found.text) == (Health.UNKNOWN, "deployed a moment ago; look again in ten minutes")


def test_the_checksum_is_the_crc_64_of_ecma_182() -> None:
    """The check value of the catalogue of parametrised CRC algorithms, CRC-64/XZ: 995dc9bbdf1939fa of 123456789."""
    assert code_checksum(b"123456789") == str(0x995DC9BBDF1939FA)


def test_the_shipped_policy_is_enough(deployed: ExaminedDeployment, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy.model_validate(read_policy("doctor", "cn-hangzhou", "1234567890123456"))
    deployed.cloud.keys.add("LTAIdoctor", "made-up-secret", policy)
    monkeypatch.setenv(KEY, "LTAIdoctor")
    monkeypatch.setenv(SECRET, "made-up-secret")

    found = deployed.examine()

    assert {check: each.text for check, each in found.items() if each.health is not Health.OK} == {}
