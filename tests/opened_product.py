"""The product on the made-up world, opened once for all files that look at it: its processes are dear to start."""

from collections.abc import Iterator

import pytest
from made_up import MADE_UP_WORLD

from files import places
from ops.local.product import LocalProduct, open_product
from ops.local.shift import shift_world


@pytest.fixture(scope="session")
def opened() -> Iterator[LocalProduct]:
    with open_product(places.WORLD, places.PLANS) as product:
        yield product


@pytest.fixture
def product(opened: LocalProduct) -> LocalProduct:
    """Nothing has happened yet; its functions' processes are warm from the test before."""
    opened.cloud.begin(shift_world(MADE_UP_WORLD, opened.shifted_by))
    for function in opened.cloud.fc.functions():
        function.restriction = None
    return opened
