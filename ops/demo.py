"""The main job in one screen: an event, an image in the making, an image, and what subscribers read of it."""

import json
from collections.abc import Callable
from typing import Any

from ops import places, subscriber
from ops.fleet import Fleet, open_fleet
from shared.adapters.mns_queue import QueueAccess

EVENT = places.EVENTS / "timer-with-data-disk.json"
MINUTES = 10
"""More than any image of the local cloud takes."""


def run_demo(say: Callable[[str], None]) -> None:
    """Raises RuntimeError when the image does not come to its end."""
    with open_fleet(places.WORLD, places.PLANS) as fleet:
        say("A local cloud on loopback: real SDKs, signed requests, the staged functions in processes of their own.\n")
        content = json.loads(EVENT.read_bytes())["data"]
        _at(fleet, say, "event", f"{content['snapshotId']} of {content['diskId']} is {content['result']}")
        fleet.deliver(EVENT.read_bytes())
        _at(fleet, say, "ECS calls", ", ".join(call["action"] for call in _ecs_calls(fleet)))
        events = receive_all(fleet)
        _tell_disks(fleet, say, events)
        for event in _follow(fleet, say, content["snapshotId"], {event["id"] for event in events}):
            _at(fleet, say, event["data"]["state"], event["data"]["explanation"])


def _tell_disks(fleet: Fleet, say: Callable[[str], None], events: list[dict[str, Any]]) -> None:
    for event in events:
        fact = event["data"]
        _at(fleet, say, "message", f"{event['type']}  {fact['reason']}  id {event['id'][:12]}")
        _at(fleet, say, fact["state"], fact["explanation"])
        for disk in fact["disks"]:
            _at(fleet, say, "", f"  {disk['type']:<6} {disk['size_gib']:>4} GiB  {disk['snapshot_id'] or 'empty'}")


def _follow(fleet: Fleet, say: Callable[[str], None], snapshot_id: str, seen: set[str]) -> Any:
    """Minute by minute, what is new of this snapshot; the functions run by their timers and answer for others, too."""
    for _ in range(MINUTES):
        fleet.pass_time(1)
        events = [each for each in receive_all(fleet) if each.get("subject") == snapshot_id and each["id"] not in seen]
        if not events:
            image = fleet.control.images()[0]
            _at(fleet, say, "sweep", f"{image['id']} is {image['status']}")
        for event in events:
            _at(fleet, say, "message", f"{event['type']}  {event['data']['reason']}  id {event['id'][:12]}")
            yield event
        if any(event["data"]["state"] == "checked" for event in events):
            return
    raise RuntimeError(f"the image was not finished after {MINUTES} minutes")


def receive_all(fleet: Fleet) -> list[dict[str, Any]]:
    """What is on the status queue, taken off it by the MNS SDK."""
    ready = fleet.control.ready()
    keys = (ready["access_key_id"], ready["access_key_secret"], "")
    access = QueueAccess(ready["endpoint"], *keys, ready["queues"]["status"])
    events = []
    while (received := subscriber.receive(access, 0)) is not None:
        subscriber.delete(access, received)
        events.append(received.event or {})
    return events


def _ecs_calls(fleet: Fleet) -> list[dict[str, Any]]:
    return [call for call in fleet.control.calls() if call["service"] == "ecs"]


def _at(fleet: Fleet, say: Callable[[str], None], what: str, text: str) -> None:
    say(f"{fleet.now():%H:%M}  {what:<10} {text}")
