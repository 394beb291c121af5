"""Runs a function in a test's world, as the platform and the timer do."""

from datetime import timedelta
from typing import Any

from fakes.builders import notice, payload, rules
from fakes.world import World
from shared.domain.plans import Plan
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots


def event(there: World, *plans: Plan, notices: Any = None) -> list[Any]:
    """The answers to one invocation, of the usual event where no other is given."""
    return create_images(payload(*(notices or [notice()])), rules(*plans), there.cloud)


def sweep(there: World, *plans: Plan, after: timedelta = timedelta(0)) -> None:
    there.moment += after
    reconcile_snapshots(rules(*plans), there.cloud)


def ids(there: World) -> set[str]:
    """Of the facts that were told."""
    return {message.id for message in there.messages}
