"""Whatever happens in a function's process: nothing that it writes, answers, publishes or tags holds one of its credentials.

Real processes as Function Compute starts them, on both distributions of the MNS SDK, with and without the SDK's own
debugging, and with the loudest logging there is. One process takes all scenarios of its kind.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import published

from deploy.staging import stage_once
from files import places
from localcloud.faults import PlantedFault
from localcloud.fc.process import FunctionProcess, Invoked
from localcloud.fc.spec import Credentials, FunctionSpec
from localcloud.server import LocalCloud
from shared.settings import compile_plans

KEY, SECRET, TOKEN = "sentinel-key-7f31", "sentinel-secret-7f31/+=", "sentinel-token-7f31/+="
SENTINEL = "sentinel"
SNAPSHOT = "s-bp1websys20"
EVENT = (places.EVENTS / "timer-with-data-disk.json").read_text()
OLD = Path(sys.prefix) / "aliyun-mns"

HANDLER = """
import json, logging, os, sys
sys.path[:0] = json.loads(os.environ["IMPORT_FROM"])
import mns.pkg_info
from functions.create_image.handler import handler as function
from shared.wiring import WARM, connect

logging.getLogger().setLevel(logging.DEBUG)
CRASHES = {
    "in the handler": lambda rules, cloud: f"{rules} {cloud}".missing,
    "in a call of ECS": lambda rules, cloud: cloud.images.create_all([None]),
    "after a call of ECS": lambda rules, cloud: cloud.snapshots.find(["s-bp1websys20"])[7],
    "in a message": lambda rules, cloud: cloud.queue.publish(None),
    "with everything at hand": lambda rules, cloud: {}[repr((rules, cloud, vars(cloud)))],
}

def handler(order, context):
    order, before = json.loads(order), dict(os.environ)
    os.environ.update(order["environment"])
    WARM.throttled = None  # else what follows a throttled event is left to the sweep, and nothing is called
    try:
        if order["crash"]:
            CRASHES[order["crash"]](*connect(context))
        return {"mns": mns.pkg_info.version, "context": str(context), **function(order["event"].encode(), context)}
    finally:
        os.environ.clear()
        os.environ.update(before)
"""


@dataclass(frozen=True)
class Mishap:
    """What goes wrong, and what the platform is told (None: an answer)."""

    error: str | None = None
    faults: tuple[dict[str, Any], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    crash: str = ""
    wrong_secret: bool = False
    says: str = ""
    """What must be in the log or the answer, so that a silent process proves nothing."""


def refused(action: str, status: int, code: str, message: str) -> tuple[dict[str, Any], ...]:
    return ({"action": action, "error": {"status": status, "code": code, "message": message}},)


def lost(action: str, reply: str, times: int = 1) -> tuple[dict[str, Any], ...]:
    return ({"action": action, "reply": reply, "times": times},)


ECHO = f"what was signed is: {KEY} {SECRET}\n{TOKEN} SecurityToken={quote(TOKEN, '')}&{quote(quote(TOKEN, ''), '')}"
SCENARIOS = {
    "success": Mishap(says='"state": "creating"'),
    "ECS refuses": Mishap(faults=refused("CreateImage", 403, "QuotaExceed.Image", "too many"), says="QuotaExceed.Image"),
    "ECS refuses in a code of its own": Mishap(
        faults=refused("CreateImage", 403, f"No.{SECRET}", ECHO), says='"code": "No.(hidden)"'
    ),
    "ECS does not know the key": Mishap(
        faults=refused("DescribeSnapshots", 404, "InvalidAccessKeyId.NotFound", f"The access key {KEY} is not found."),
        says="The access key (hidden) is not found.",
    ),
    "ECS quotes what was signed": Mishap(
        "Transient", refused("CreateImage", 400, "SignatureDoesNotMatch", ECHO), says="what was signed is: (hidden)"
    ),
    "ECS throttles and quotes": Mishap(
        faults=refused("DescribeDisks", 400, "Throttling.User", ECHO), says="what was signed is: (hidden)"
    ),
    "ECS takes no tags and quotes": Mishap(
        faults=refused("CreateImage", 403, f"No.{SECRET}", ECHO) + refused("TagResources", 403, f"Never.{SECRET}", ECHO),
        says="Never.(hidden)",
    ),
    "ECS fails": Mishap("Transient", refused("DescribeSnapshots", 500, "InternalError", ECHO), says="(hidden)"),
    "ECS closes": Mishap("OutcomeUnknown", lost("DescribeSnapshots", "refused"), says="NoReply"),
    "ECS answers HTML": Mishap("OutcomeUnknown", lost("DescribeSnapshots", "not_json"), says="NoReply"),
    "the reply is dropped": Mishap(faults=lost("CreateImage", "dropped"), says="m-local"),
    "ECS is not there": Mishap(
        "OutcomeUnknown", environment=(("SNAPIMAGE_ECS_ENDPOINT", "http://127.0.0.1:9"),), says="NoReply"
    ),
    "MNS refuses and quotes": Mishap("Transient", refused("SendMessage", 403, "AccessDenied", ECHO), says="MNS.AccessDenied"),
    "MNS quotes what was signed": Mishap(
        "Transient", refused("SendMessage", 403, "SignatureDoesNotMatch", ECHO), says="MNS.SignatureDoesNotMatch"
    ),
    "MNS fails": Mishap("Transient", refused("SendMessage", 500, "InternalError", "no"), says="MNS.InternalError"),
    "MNS closes": Mishap("Transient", lost("SendMessage", "refused", 2), says="MNS.NetWorkException"),
    "MNS answers HTML": Mishap("Transient", lost("SendMessage", "not_json"), says="MNS.RespDataDamaged"),
    "MNS is not there": Mishap(
        "Transient", environment=(("SNAPIMAGE_MNS_ENDPOINT", "http://127.0.0.1:9"),), says="MNS.NetWorkException"
    ),
    "the signature is wrong": Mishap("Transient", wrong_secret=True, says="SignatureDoesNotMatch: DescribeSnapshots"),
    "a secret is in the wrong variable": Mishap(
        "ConfigurationError",
        environment=(("SNAPIMAGE_MNS_ENDPOINT", f"http://{SECRET} {TOKEN}"),),
        says="malformed: SNAPIMAGE_MNS_ENDPOINT",
    ),
    "a variable is missing": Mishap(
        "ConfigurationError", environment=(("SNAPIMAGE_STATUS_QUEUE", ""),), says="not set: SNAPIMAGE_STATUS_QUEUE"
    ),
    "a variable is malformed": Mishap(
        "ConfigurationError", environment=(("SNAPIMAGE_MNS_ENDPOINT", SECRET),), says="malformed: SNAPIMAGE_MNS_ENDPOINT"
    ),
    "the plans are not there": Mishap(
        "ConfigurationError", environment=(("SNAPIMAGE_PLANS", "/nowhere/plans.json"),), says="/nowhere/plans.json"
    ),
    "a crash in the handler": Mishap("AttributeError", crash="in the handler", says="Traceback"),
    "a crash in a call of ECS": Mishap("AttributeError", crash="in a call of ECS", says="Traceback"),
    "a crash after a call of ECS": Mishap("IndexError", crash="after a call of ECS", says="Traceback"),
    "a crash in a message": Mishap("AttributeError", crash="in a message", says="Traceback"),
    "a crash that shows everything": Mishap("KeyError", crash="with everything at hand", says="Rules(account_id="),
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD, access_key_id=KEY, access_key_secret=SECRET) as started:
        yield started


@dataclass(frozen=True)
class LeakTestFunction:
    process: FunctionProcess
    mns_version: str


@pytest.fixture(
    scope="module",
    params=[("1.3.0", ""), ("1.3.0", "sdk"), ("1.1.5", ""), ("1.1.5", "sdk")],
    ids=lambda param: f"mns {param[0]}{', DEBUG=sdk' * bool(param[1])}",
)
def function(
    request: pytest.FixtureRequest, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LeakTestFunction]:
    version, debug = request.param
    package = stage_once(places.PLANS) / "create_image"
    folder = tmp_path_factory.mktemp("function")
    (folder / "handler.py").write_text(HANDLER)
    (folder / "plans.json").write_text(compile_plans(MADE_UP_PLANS))
    environment = {
        "IMPORT_FROM": json.dumps([str(places.ROOT), *[str(OLD)] * (version == "1.1.5"), str(package)]),
        "SNAPIMAGE_MNS_ENDPOINT": cloud.endpoint,
        "SNAPIMAGE_ECS_ENDPOINT": cloud.endpoint,
        "SNAPIMAGE_STATUS_QUEUE": cloud.ready()["queues"]["status"],
        "SNAPIMAGE_PLANS": str(folder / "plans.json"),
    } | ({"DEBUG": debug} if debug else {})
    process = FunctionProcess(
        FunctionSpec.model_validate({
            "name": "create_image", "timeout": 20, "folder": folder, "environment": environment,
            "runtime": "python3.10" if version == "1.1.5" else "python3.12",
            "credentials": Credentials.model_validate(
                {"access_key_id": KEY, "access_key_secret": SECRET, "security_token": TOKEN}
            ),
        }),
        "1234567890123456", "cn-hangzhou",
    )  # fmt: skip
    yield LeakTestFunction(process, version)
    process.close()


def play(scenario: Mishap, function: LeakTestFunction, cloud: LocalCloud) -> Invoked:
    """One invocation on a cloud where nothing was made or remembered, while the scenario is on."""
    for image_id in list(cloud.ecs.store.images):
        cloud.ecs.store.images.remove(image_id)
    cloud.ecs.store.tokens.clear()
    cloud.ecs.store.snapshots.retag(SNAPSHOT, {})
    cloud.faults.clear()
    cloud.faults.plant([PlantedFault.model_validate(fault) for fault in scenario.faults])
    cloud.keys.add(KEY, "another" if scenario.wrong_secret else SECRET)
    order = {"environment": dict(scenario.environment), "crash": scenario.crash, "event": EVENT}
    try:
        return function.process.invoke(json.dumps(order).encode(), "1-request", now=cloud.clock.now())
    finally:
        cloud.keys.add(KEY, SECRET)


def written(cloud: LocalCloud) -> list[dict[str, str]]:
    """The tags that are on the snapshot and on its image."""
    store = cloud.ecs.store
    return [store.snapshots[SNAPSHOT].tags, *(image.tags for image in store.images.values())]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_credential_is_in_what_a_process_writes_answers_publishes_and_tags(
    name: str, function: LeakTestFunction, cloud: LocalCloud
) -> None:
    scenario, before = SCENARIOS[name], len(published(cloud))

    outcome = play(scenario, function, cloud)
    everything = outcome.log.decode() + outcome.body.decode() + json.dumps([published(cloud)[before:], written(cloud)])
    assert SENTINEL not in everything
    assert json.loads(outcome.body).get("errorType") == scenario.error
    assert scenario.says in everything
    assert cloud.faults.pending() == []


def test_the_process_runs_the_distribution_that_is_meant(function: LeakTestFunction, cloud: LocalCloud) -> None:
    outcome = play(SCENARIOS["success"], function, cloud)

    assert json.loads(outcome.body)["mns"] == function.mns_version
