"""Which messages somebody wants to see: by state, plan, instance. What is not one of ours has none of them."""

from dataclasses import dataclass

from ops.queues.subscriber import Received


@dataclass(frozen=True)
class Filter:
    """Each empty set lets everything pass."""

    states: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()

    def lets_pass(self, received: Received) -> bool:
        fact = received.event["data"] if received.event else {}
        wanted = (("state", self.states), ("plan", self.plans), ("instance_id", self.instances))
        return all(not names or fact.get(key) in names for key, names in wanted)
