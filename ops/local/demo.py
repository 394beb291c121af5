"""The main job in one screen: an event, an image in the making, an image, and what subscribers read of it."""

import json
from collections.abc import Callable
from typing import Any

from files import places
from ops.local.product import LocalProduct, open_product
from ops.queues import subscriber
from shared.adapters.mns_queue import QueueAccess

EVENT = places.EVENTS / "timer-with-data-disk.json"
MINUTES = 10
"""More than any image of the local cloud takes."""


def run_demo(say: Callable[[str], None]) -> None:
    """Raises RuntimeError when the image does not come to its end."""
    with open_product(places.WORLD, places.PLANS) as product:
        say("A local cloud on loopback: real SDKs, signed requests, the staged functions in processes of their own.\n")
        content = json.loads(EVENT.read_bytes())["data"]
        _at(product, say, "event", f"{content['snapshotId']} of {content['diskId']} is {content['result']}")
        product.deliver(EVENT.read_bytes())
        _at(product, say, "ECS calls", ", ".join(call["action"] for call in _ecs_calls(product)))
        seen: set[str] = set()
        _tell_new(product, say, content["snapshotId"], seen)
        for _ in range(MINUTES):
            product.pass_time(1)
            if "checked" in _tell_new(product, say, content["snapshotId"], seen):
                return
    raise RuntimeError(f"the image was not finished after {MINUTES} minutes")


def _tell_new(product: LocalProduct, say: Callable[[str], None], snapshot_id: str, seen: set[str]) -> set[str]:
    """The states that are new of this snapshot; the functions run by their timers and answer for others, too."""
    found = [each for each in receive_all(product) if each.get("subject") == snapshot_id and each["id"] not in seen]
    if not found:
        image = product.control.images()[0]
        _at(product, say, "sweep", f"{image['id']} is {image['status']}")
    for event in found:
        fact = event["data"]
        _at(product, say, "message", f"{event['type']}  {fact['reason']}  id {event['id'][:12]}")
        _at(product, say, fact["state"], fact["explanation"])
        for disk in fact["disks"] if fact["state"] == "creating" else ():
            _at(product, say, "", f"  {disk['type']:<6} {disk['size_gib']:>4} GiB  {disk['snapshot_id'] or 'empty'}")
    seen |= {event["id"] for event in found}
    return {event["data"]["state"] for event in found}


def receive_all(product: LocalProduct) -> list[dict[str, Any]]:
    """What is on the status queue, taken off it by the MNS SDK."""
    ready = product.control.ready()
    keys = (ready["access_key_id"], ready["access_key_secret"], "")
    access = QueueAccess(ready["endpoint"], *keys, ready["queues"]["status"])
    events = []
    while (received := subscriber.receive(access, 0)) is not None:
        subscriber.delete(access, received)
        events.append(received.event or {})
    return events


def _ecs_calls(product: LocalProduct) -> list[dict[str, Any]]:
    return [call for call in product.control.calls() if call["service"] == "ecs"]


def _at(product: LocalProduct, say: Callable[[str], None], what: str, text: str) -> None:
    say(f"{product.control.now():%H:%M}  {what:<10} {text}")
