"""Clients that are not ours read our messages unchanged."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, published, settings_for

from files import places
from localcloud.server import LocalCloud
from ops.local.connection import connect_local
from ops.local.control import LocalControl
from ops.replay.here import replay_file
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.track_images import track_images
from shared.wiring import open_cloud

NODE = shutil.which("node")
SCRIPT = Path(__file__).parent.parent / "node" / "read_queue.js"


@pytest.fixture
def plans() -> Plans:
    return MADE_UP_PLANS


@pytest.fixture
def told(plans: Plans) -> LocalCloud:
    """A stopped cloud on whose queue is a message for every event in events/ and for every image's end."""
    with LocalCloud(MADE_UP_WORLD) as cloud:
        local = connect_local(LocalControl(cloud.endpoint), plans)
        for path in sorted(places.EVENTS.glob("*.[jt][sx][ot]*")):
            list(replay_file(path, local))
        rules = rules_for("1234567890123456", "cn-hangzhou", plans)
        for seconds in (190, 600):  # the check is over a minute after the image is usable
            cloud.clock.advance(seconds)
            track_images(rules, open_cloud(settings_for(cloud), CloudClock(cloud)))
    return cloud


def test_the_cloudevents_package_reads_every_message(told: LocalCloud) -> None:
    messages = published(told)

    read = [JSONFormat().read(CloudEvent, json.dumps(message)) for message in messages]
    assert len(read) > 30
    assert [event.get_id() for event in read] == [message["id"] for message in messages]
    assert {event.get_type() for event in read} == {
        f"snapimage.image.{state}"
        for state in ("skipped", "invalid", "waiting", "creating", "available", "checked", "failed")
    }


@pytest.mark.skipif(NODE is None, reason="no Node on this machine, and so no Node client")
def test_the_vendors_node_client_reads_every_message(plans: Plans) -> None:
    with LocalCloud(MADE_UP_WORLD) as cloud:
        local = connect_local(LocalControl(cloud.endpoint), plans)
        for name in ("array-of-several.json", "timer-with-data-disk.json", "not-json.txt"):
            list(replay_file(places.EVENTS / name, local))
        expected = published(cloud)
        ready = cloud.ready()
        queue = ready["queues"]["status"]
        result = subprocess.run(
            [str(NODE), SCRIPT, cloud.endpoint, ready["access_key_id"], ready["access_key_secret"], queue],
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert result.stderr == ""
    assert sorted(json.loads(result.stdout), key=str) == sorted(expected, key=str)
    assert published(cloud) == []
