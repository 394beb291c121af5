"""The log of what was attached where knows what ECS does not tell."""

from datetime import timedelta

from simulation.histories.attachments import AttachmentLog, Stay
from simulation.histories.history import Happening, Move
from simulation.histories.machines import KINDS, Machine
from simulation.memory.cloud import START

WHOLE = Machine(next(kind for kind in KINDS if kind.name == "whole"), 0)
BARE = Machine(next(kind for kind in KINDS if kind.name == "bare"), 0)
SYSTEM, ONE, TWO = (disk.id for disk in WHOLE.disks)
HOUR = timedelta(hours=1)


def log_of(*moves: Move) -> AttachmentLog:
    return AttachmentLog((WHOLE, BARE), (Happening("what is done", WHOLE, moves),))


def test_the_data_disks_of_a_machine_are_those_of_the_moment_in_the_order_of_their_devices() -> None:
    log = log_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, WHOLE.id, device="/dev/xvdh"))

    before, between, after = (log.data_disks_on(WHOLE.id, START + number * HOUR / 2) for number in (-1, 1, 2))
    assert [stay.disk_id for stay in before] == [ONE, TWO]
    assert [stay.disk_id for stay in between] == [TWO]
    assert [stay.disk_id for stay in after] == [TWO, ONE]


def test_a_disk_was_where_it_was_although_it_is_somewhere_else_now() -> None:
    log = log_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, BARE.id))

    assert log.last_on(ONE, WHOLE.id, START - HOUR) is not None
    assert log.last_on(ONE, WHOLE.id, START + HOUR) is None
    assert isinstance(log.at(ONE, START + HOUR), Stay)


def test_a_disk_that_was_only_put_on_came_from_nowhere() -> None:
    log = log_of(Move(START, "put on", "d-new", WHOLE.id))

    assert log.was_moved("d-new", START - HOUR, START + HOUR)
    assert not log.came_from_elsewhere("d-new", START - HOUR, START + HOUR)


def test_a_disk_that_was_taken_off_since_may_have_come_from_anywhere() -> None:
    log = log_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, WHOLE.id))

    assert log.came_from_elsewhere(ONE, START - HOUR, START + HOUR)
    assert not log.came_from_elsewhere(ONE, START + HOUR / 2, START + HOUR)
