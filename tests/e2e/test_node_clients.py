"""The vendor's clients for Node, unmodified: another language's idea of the same wire."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import published

from files import places
from localcloud.server import LocalCloud
from ops.local.product import LocalProduct

NODE = shutil.which("node")
SCRIPTS = Path(__file__).parent.parent / "node"
EVENT = places.EVENTS / "timer-with-data-disk.json"
TEXT = "每日 a+b&c=d/ü~*'()!"

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine, and so no Node client")


def run(cloud: LocalCloud, script: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    keys = {"access_key_id": cloud.access_key_id, "access_key_secret": cloud.access_key_secret} | changes
    command = [str(NODE), str(SCRIPTS / script), cloud.endpoint, *keys.values(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def told(cloud: LocalCloud, script: str, *arguments: str) -> Any:
    result = run(cloud, script, *arguments)
    assert result.stderr == ""
    return json.loads(result.stdout)


@pytest.mark.xdist_group("build")
@pytest.mark.timeout(300)
def test_the_fc_client_invokes_a_staged_function_with_a_payload(product: LocalProduct) -> None:
    event = EVENT.read_bytes().decode()

    answer = told(product.cloud, "invoke_function.js", "snapimage-create-image", event)

    messages = published(product.cloud)
    assert answer["status"] == 200
    assert [made["image_id"] for made in answer["body"]["answers"]] == ["m-local000000000000001"]
    assert [message["data"]["image_id"] for message in messages] == ["m-local000000000000001"]


def test_the_fc_client_is_told_of_a_function_that_is_not_there(cloud: LocalCloud) -> None:
    result = run(cloud, "invoke_function.js", "nobody", "{}")

    assert "FunctionNotFound" in result.stderr


def test_the_ecs_client_makes_an_image_and_reads_it(cloud: LocalCloud) -> None:
    image = told(cloud, "create_image.js", "s-web1sys", "web-每日", TEXT)

    assert image == {"id": list(cloud.ecs.store.images)[-1], "name": "web-每日", "tag": TEXT}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_older_client_makes_an_image_and_reads_it(cloud: LocalCloud, method: str) -> None:
    image = told(cloud, "create_image_rpc.js", method, "s-web1sys", "web-每日", TEXT)

    assert image == {"id": list(cloud.ecs.store.images)[-1], "name": "web-每日", "tag": TEXT}


def test_the_older_client_is_told_of_a_wrong_secret(cloud: LocalCloud) -> None:
    result = run(cloud, "create_image_rpc.js", "GET", "s-web1sys", "web", "x", access_key_secret="wrong")

    assert "SignatureDoesNotMatch" in result.stderr
    assert list(cloud.ecs.store.images) == ["m-existing", "m-alinux"]
