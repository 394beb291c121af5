"""The queue adapter against the local cloud; runs on both distributions of the MNS SDK."""

import json
import logging
from datetime import datetime, timezone
from typing import Any

import pytest
from mns import mns_client
from support import published, settings_for

from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from shared.adapters.mns_queue import MnsQueue, QueueAccess, QueueError, call_queue
from shared.domain.errors import Transient
from shared.domain.message import StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject
from shared.settings import Settings

SENTINEL = "sentinel-secret-5f2b"


@pytest.fixture
def message() -> StatusMessage:
    subject = Subject(account_id="1234567890123456", region_id="cn-hangzhou", snapshot_id="s-1", plan="网站")
    status = subject.answer(State.SKIPPED, Reason.NO_PLAN, "no plan names disk d-1")
    return envelope(status, "create_image", datetime(2026, 3, 1, tzinfo=timezone.utc))


def test_a_message_arrives_whole(cloud: LocalCloud, message: StatusMessage) -> None:
    MnsQueue(settings_for(cloud)).publish(message)

    assert published(cloud) == [json.loads(message.to_json())]


def test_a_temporary_key_is_accepted(cloud: LocalCloud, message: StatusMessage) -> None:
    MnsQueue(settings_for(cloud, security_token="a-token")).publish(message)

    assert len(published(cloud)) == 1


def test_a_lost_reply_is_not_taken_for_a_success_twice(cloud: LocalCloud, message: StatusMessage) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "SendMessage", "reply": "dropped", "times": 2})])

    with pytest.raises(Transient):
        MnsQueue(settings_for(cloud)).publish(message)
    assert {body["id"] for body in published(cloud)} == {message.id}


@pytest.mark.parametrize(("status", "code"), [(429, "TooManyRequests"), (403, "AccessDenied"), (500, "InternalError")])
def test_every_refusal_costs_a_retry_and_never_a_fact(
    status: int, code: str, cloud: LocalCloud, message: StatusMessage
) -> None:
    error = {"status": status, "code": code, "message": "no"}
    cloud.faults.plant([PlantedFault.model_validate({"action": "SendMessage", "error": error})])

    with pytest.raises(Transient) as trouble:
        MnsQueue(settings_for(cloud)).publish(message)
    assert trouble.value.code == f"MNS.{code}"


def test_a_missing_queue_costs_a_retry(cloud: LocalCloud, message: StatusMessage) -> None:
    with pytest.raises(Transient) as trouble:
        MnsQueue(settings_for(cloud, status_queue="no-such-queue")).publish(message)
    assert trouble.value.code == "MNS.QueueNotExist"


def test_an_endpoint_where_nobody_listens_costs_a_retry(cloud: LocalCloud, message: StatusMessage) -> None:
    with pytest.raises(Transient) as trouble:
        MnsQueue(settings_for(cloud, mns_endpoint="http://127.0.0.1:9")).publish(message)
    assert trouble.value.code == "MNS.NetWorkException"


def test_no_secret_is_written_by_a_call_that_works_or_one_that_fails(
    message: StatusMessage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, world: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    with LocalCloud(world, access_key_secret=SENTINEL) as cloud:
        MnsQueue(settings_for(cloud, security_token=SENTINEL + "-token")).publish(message)
        with pytest.raises(Transient):
            MnsQueue(settings_for(cloud, status_queue="no-such-queue")).publish(message)

    written = capfd.readouterr()
    assert SENTINEL not in written.out + written.err + caplog.text


def test_an_endpoint_that_is_no_host_costs_a_retry(cloud: LocalCloud, message: StatusMessage) -> None:
    with pytest.raises(Transient) as trouble:
        MnsQueue(settings_for(cloud, mns_endpoint="http://not a host")).publish(message)
    assert trouble.value.code == "MNS.InvalidHost"


def failed(settings: Settings) -> QueueError:
    keys = (settings.access_key_id, settings.access_key_secret, settings.security_token)
    with pytest.raises(QueueError) as trouble:
        call_queue(
            QueueAccess(settings.mns_endpoint, *keys, settings.status_queue), lambda queue: queue.get_attributes()
        )
    return trouble.value


def test_what_mns_refuses_is_told_from_what_never_reached_it(cloud: LocalCloud) -> None:
    missing = failed(settings_for(cloud, status_queue="no-such-queue"))
    nobody = failed(settings_for(cloud, mns_endpoint="http://127.0.0.1:9"))
    no_host = failed(settings_for(cloud, mns_endpoint="http://not a host"))

    assert (missing.is_refusal, missing.code, str(missing)) == (True, "QueueNotExist", f"QueueNotExist: {missing.said}")
    assert (nobody.is_refusal, nobody.code, nobody.request_id) == (False, "NetWorkException", None)
    assert (no_host.is_refusal, no_host.code) == (False, "InvalidHost")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_connection_waits_for_longer_than_it_is_told(scheme: str) -> None:
    """Over http the SDK has a setting of its own, over https that of the standard library counts."""
    access = QueueAccess(f"{scheme}://127.0.0.1:9", "id", "secret", "", "status")

    connection = call_queue(access, lambda queue: queue.mns_client.http.conn, timeout_seconds=3)
    assert (getattr(connection, "connection_timeout", 3), connection.timeout) == (3, 3)


def test_what_the_sdk_would_print_is_not_printed(
    cloud: LocalCloud, message: StatusMessage, capsys: pytest.CaptureFixture[str]
) -> None:
    MnsQueue(settings_for(cloud)).publish(message)
    vars(mns_client)["print"]("secret")

    assert capsys.readouterr().out == ""
