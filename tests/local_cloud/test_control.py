"""The local cloud around its services: routes, the control path, the journal and its connections."""

import http.client
import json
import socket
from typing import Any

import pytest
from ecs_calls import client, create_image, find_images, image
from hand_signed import HttpAnswer, ask

from localcloud.server import LocalCloud
from localcloud.world import WorldFile


def send(cloud: LocalCloud, path: str, body: Any) -> HttpAnswer:
    return ask(cloud, "POST", path, json.dumps(body).encode())


def exchange(connection: http.client.HTTPConnection, method: str, target: str, body: bytes | None) -> int:
    connection.request(method, target, body)
    response = connection.getresponse()
    response.read()
    return response.status


def address(cloud: LocalCloud) -> tuple[str, int]:
    host, _, port = cloud.endpoint.removeprefix("http://").partition(":")
    return host, int(port)


def test_ready_says_what_a_client_needs(cloud: LocalCloud) -> None:
    assert ask(cloud, "GET", "/_local/ready").json == {
        "endpoint": cloud.endpoint,
        "region": "cn-hangzhou",
        "account_id": "1234567890123456",
        "access_key_id": cloud.access_key_id,
        "access_key_secret": cloud.access_key_secret,
        "queues": {"status": "snapimage-status", "dead_letters": "snapimage-dead-letters"},
    }


def test_keys_are_new_at_every_start_unless_given(world: WorldFile) -> None:
    first, second = LocalCloud(world), LocalCloud(world)
    given = LocalCloud(world, access_key_id="LTAIgiven", access_key_secret="a secret")

    secrets = {cloud.ready()["access_key_secret"] for cloud in (first, second, given)}
    for cloud in (first, second, given):
        cloud.stop()

    assert len(secrets) == 3
    assert (given.ready()["access_key_id"], "a secret" in secrets) == ("LTAIgiven", True)


def test_it_listens_on_loopback_only(cloud: LocalCloud) -> None:
    assert address(cloud)[0] == "127.0.0.1"


def test_the_clock_starts_where_the_world_says_and_is_moved(cloud: LocalCloud) -> None:
    before = ask(cloud, "GET", "/_local/clock").json

    after = send(cloud, "/_local/clock", {"advance_seconds": 3600}).json

    assert before["utc"].startswith("2026-03-01T01:05:0")
    assert 3600 <= after["now"] - before["now"] < 3660
    assert cloud.clock.now() >= after["now"]


def test_faults_are_planted_and_seen_until_they_are_used(cloud: LocalCloud) -> None:
    fault = {"action": "CreateImage", "times": 1, "after": 0, "image": "CreateFailed"}

    planted = send(cloud, "/_local/faults", [fault]).json
    pending = ask(cloud, "GET", "/_local/faults").json
    create_image(cloud, snapshot_id="s-web1sys")

    assert (planted, pending) == ({"planted": 1}, {"pending": [fault]})
    assert ask(cloud, "GET", "/_local/faults").json == {"pending": []}


def test_calls_are_listed_from_where_one_left_off(cloud: LocalCloud) -> None:
    find_images(cloud)
    first = ask(cloud, "GET", "/_local/calls").json
    ask(cloud, "GET", "/queues/q")

    second = ask(cloud, "GET", f"/_local/calls?since={first['next']}").json

    assert [(call["service"], call["action"], call["status"]) for call in first["calls"]] == [
        ("ecs", "DescribeImages", 200)
    ]
    assert [(call["service"], call["action"], call["status"]) for call in second["calls"]] == [
        ("mns", "GetQueueAttributes", 400)
    ]


def test_the_journal_holds_no_secret(cloud: LocalCloud) -> None:
    client(cloud, security_token="a-security-token")
    create_image(cloud, snapshot_id="s-web1sys", description="a-described-secret")

    calls = ask(cloud, "GET", "/_local/calls").body.decode()

    found = [secret for secret in (cloud.access_key_secret, cloud.access_key_id, "secret", "token") if secret in calls]
    assert found == []


def test_images_are_listed_with_their_disks_and_not_looked_at(world: WorldFile) -> None:
    with LocalCloud(world.model_copy(update={"progress": world.progress.model_copy(update={"by": "look"})})) as cloud:
        image_id = create_image(cloud, snapshot_id="s-web1sys", image_name="web-1")

        listed = [ask(cloud, "GET", "/_local/images").json["images"][-1] for _ in range(5)][-1]

        assert image(cloud, image_id).status == "Creating"
        assert listed == {
            "id": image_id,
            "name": "web-1",
            "status": "Creating",
            "created": "2026-03-01T01:05:00Z",
            "tags": {},
            "disks": [{"device": "/dev/xvda", "type": "system", "size_gib": 40, "snapshot": "s-web1sys"}],
        }


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "says"),
    [
        ("GET", "/_local/nothing", "", 404, "/_local/nothing"),
        ("POST", "/_local/ready", "", 405, "GET"),
        ("DELETE", "/_local/clock", "", 405, "GET and POST"),
        ("POST", "/_local/clock", '{"advance_seconds": -1}', 400, "advance_seconds"),
        ("POST", "/_local/clock", '{"advance_seconds": 1, "back": 2}', 400, "back"),
        ("POST", "/_local/clock", "{}", 400, "advance_seconds"),
        ("POST", "/_local/clock", "now", 400, "JSON"),
        ("POST", "/_local/faults", '{"action": "CreateImage"}', 400, "array"),
        ("POST", "/_local/faults", '[{"action": "CreateImage"}]', 400, "exactly one of error, reply, image"),
        ("POST", "/_local/faults", '[{"action": "CreateImage", "reply": "lost"}]', 400, "0.reply"),
        ("GET", "/_local/calls?since=x", "", 400, "since"),
        ("GET", "/_local/calls?from=1", "", 400, "from"),
    ],
)
def test_a_wrong_control_call_is_refused_by_name(
    cloud: LocalCloud, method: str, target: str, body: str, status: int, says: str
) -> None:
    answer = ask(cloud, method, target, body.encode())

    assert answer.status == status
    assert says in answer.json["error"]


@pytest.mark.parametrize("target", ["/nothing", "/queuesx", "/", "/?Action=DescribeImages"])
def test_what_no_service_serves_is_refused_with_its_path(cloud: LocalCloud, target: str) -> None:
    answer = ask(cloud, "POST", target)

    assert answer.status == 404
    assert f"nothing at {target.partition('?')[0]} " in answer.body.decode()


@pytest.mark.parametrize("target", ["/queues", "/queues/snapimage-status", "/topics/t"])
def test_paths_of_mns_are_answered_by_mns(cloud: LocalCloud, target: str) -> None:
    answer = ask(cloud, "GET", target)

    assert answer.headers["server"] == "AliyunMQS"
    assert answer.headers["content-type"].startswith("text/xml")


def test_one_connection_serves_many_requests(cloud: LocalCloud) -> None:
    connection = http.client.HTTPConnection(*address(cloud), timeout=50)
    connection.connect()
    connection.auto_open = 0

    statuses = [exchange(connection, "GET", "/_local/clock", None) for _ in range(3)]
    statuses.append(exchange(connection, "POST", "/nothing", b"a body that nobody wants"))
    statuses.append(exchange(connection, "HEAD", "/_local/clock", None))
    connection.close()

    assert statuses == [200, 200, 200, 404, 405]


def test_an_idle_connection_is_closed_when_asked_for(world: WorldFile) -> None:
    with LocalCloud(world, idle_timeout=0.05) as cloud, socket.create_connection(address(cloud), 50) as connection:
        assert connection.recv(1) == b""


def test_a_stopped_cloud_closes_the_connections_that_clients_keep(world: WorldFile) -> None:
    with LocalCloud(world) as cloud:
        connection = socket.create_connection(address(cloud), timeout=50)
        connection.sendall(b"GET /_local/clock HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(1000)

    rest = connection.recv(1000)
    connection.close()

    assert rest == b""


OTHER = {
    "now": "2027-01-01T00:00:00Z",
    "instances": [{"id": "i-other", "disks": [{"id": "d-other", "type": "system", "size_gib": 20}]}],
    "snapshots": [
        {"id": "s-other", "disk": "d-other", "started": "2026-12-31T00:00:00Z", "ended": "2026-12-31T00:01:00Z"}
    ],
    "faults": [{"action": "DescribeDisks", "reply": "not_json"}],
}


def test_another_world_takes_the_place_of_the_first(cloud: LocalCloud) -> None:
    create_image(cloud, snapshot_id="s-web1sys", image_name="of-the-first-world")
    cloud.mns.queues.send("snapimage-status", "of the first world")

    answer = send(cloud, "/_local/world", OTHER)

    assert answer.json["utc"].startswith("2027-01-01T00:00:0")
    assert ask(cloud, "GET", "/_local/images").json == {"images": []}
    assert [fault["action"] for fault in ask(cloud, "GET", "/_local/faults").json["pending"]] == ["DescribeDisks"]
    assert cloud.mns.queues.peek_all("snapimage-status") == []


def test_another_world_is_served_with_the_same_keys(cloud: LocalCloud) -> None:
    send(cloud, "/_local/world", OTHER)

    image_id = create_image(cloud, snapshot_id="s-other", image_name="of-the-second-world")

    assert [one["id"] for one in ask(cloud, "GET", "/_local/images").json["images"]] == [image_id]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"account_id": "4444333322221111"}, "this cloud is of account 1234567890123456 in cn-hangzhou"),
        ({"instances": [{"id": "no-instance"}]}, "instances.0.id"),
    ],
)
def test_a_world_that_does_not_fit_changes_nothing(cloud: LocalCloud, change: Any, problem: str) -> None:
    before = ask(cloud, "GET", "/_local/images").json

    answer = send(cloud, "/_local/world", OTHER | change)

    assert (answer.status, problem in answer.json["error"]) == (400, True)
    assert ask(cloud, "GET", "/_local/images").json == before
