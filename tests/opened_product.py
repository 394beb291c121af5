"""The product on the made-up world, opened once for all files that look at it: its processes are dear to start."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from files import places

if TYPE_CHECKING:
    from ops.local.product import LocalProduct


@pytest.fixture(scope="session")
def opened() -> "Iterator[LocalProduct]":
    from ops.local.product import open_product

    with open_product(places.WORLD, places.PLANS) as product:
        yield product


@pytest.fixture
def product(opened: "LocalProduct") -> "LocalProduct":
    """Nothing has happened yet; its functions' processes are warm from the test before."""
    from made_up import MADE_UP_WORLD

    opened.cloud.begin(MADE_UP_WORLD)
    for function in opened.cloud.fc.functions():
        function.restriction = None
    return opened
