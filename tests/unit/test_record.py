"""The record of what was attached where knows what ECS does not tell."""

from datetime import timedelta

from simulation.fleet import KINDS, Machine
from simulation.history import Happening, Move
from simulation.memory_cloud import START
from simulation.record import Record, Stay

WHOLE = Machine(next(kind for kind in KINDS if kind.name == "whole"), 0)
BARE = Machine(next(kind for kind in KINDS if kind.name == "bare"), 0)
SYSTEM, ONE, TWO = (disk.id for disk in WHOLE.disks)
HOUR = timedelta(hours=1)


def record_of(*moves: Move) -> Record:
    return Record((WHOLE, BARE), (Happening("what is done", WHOLE, moves),))


def test_the_data_disks_of_a_machine_are_those_of_the_moment_in_the_order_of_their_devices() -> None:
    record = record_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, WHOLE.id, device="/dev/xvdh"))

    before, between, after = (record.data_disks_on(WHOLE.id, START + number * HOUR / 2) for number in (-1, 1, 2))
    assert [stay.disk_id for stay in before] == [ONE, TWO]
    assert [stay.disk_id for stay in between] == [TWO]
    assert [stay.disk_id for stay in after] == [TWO, ONE]


def test_a_disk_was_where_it_was_although_it_is_somewhere_else_now() -> None:
    record = record_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, BARE.id))

    assert record.last_on(ONE, WHOLE.id, START - HOUR) is not None
    assert record.last_on(ONE, WHOLE.id, START + HOUR) is None
    assert isinstance(record.at(ONE, START + HOUR), Stay)


def test_a_disk_that_was_only_put_on_came_from_nowhere() -> None:
    record = record_of(Move(START, "put on", "d-new", WHOLE.id))

    assert record.was_moved("d-new", START - HOUR, START + HOUR)
    assert not record.came_from_elsewhere("d-new", START - HOUR, START + HOUR)


def test_a_disk_that_was_taken_off_since_may_have_come_from_anywhere() -> None:
    record = record_of(Move(START, "taken off", ONE), Move(START + HOUR, "put on", ONE, WHOLE.id))

    assert record.came_from_elsewhere(ONE, START - HOUR, START + HOUR)
    assert not record.came_from_elsewhere(ONE, START + HOUR / 2, START + HOUR)
