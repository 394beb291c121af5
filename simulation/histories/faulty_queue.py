"""The queue and the clock as a history sees them: every message is judged when it is told, and others run while one waits."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.message import StatusMessage
from simulation.histories.fault_injector import FaultInjector
from simulation.histories.oracle import lies
from simulation.histories.world import SimulatedWorld, Told


@dataclass(frozen=True)
class FaultyQueue:
    world: SimulatedWorld
    injector: FaultInjector

    def publish(self, message: StatusMessage) -> None:
        def carry_out() -> None:
            caller = self.injector.caller
            told = Told(message, self.world.now, caller, frozenset(caller.refused))
            self.world.told.append(told)
            self.world.told_of[message.data.snapshot_id or ""].append(told)
            self.world.seen[message.data.reason.value] += 1
            found = [f"{message.type} of {message.subject}: {lie}" for lie in lies(told, self.world)]
            self.world.lies += [("only_truth", lie) for lie in found]

        said = message.data
        self.injector.publish(f"{said.state.value}/{said.reason.value} {said.image_id or said.snapshot_id}", carry_out)


class PassingClock:
    """While one invocation sleeps, the others go on."""

    def __init__(self, world: SimulatedWorld, injector: FaultInjector) -> None:
        self.now = world.clock.now
        self._world, self._injector = world, injector

    def sleep(self, span: timedelta) -> None:
        self._injector.note(f"waits for {span.total_seconds():.0f} s")
        self._world.seen["waited"] += 1
        self._injector.pass_time(span)
