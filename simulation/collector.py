"""Keeps Python's collector out of the way of a search."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_EVERY = 5
"""Histories between two collections of what they left: so few that it is still in the processor's cache."""


@contextmanager
def without_collector() -> Iterator[None]:
    """A history is a few hundred kilobytes that refer to each other: to look through them again and again takes a fifth of
    the time."""
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()
