"""The staged report_night on the local Function Compute: its timer alone brings one message a night, with the shipped rights."""

from collections.abc import Iterator

import pytest
from support import published

from files import places
from localcloud.faults import PlantedFault
from ops.local.product import LocalProduct, open_product

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]
FLEET = places.EVENTS / "fleet"
REPORT = "snapimage.report.night"


@pytest.fixture(scope="module")
def product() -> Iterator[LocalProduct]:
    with open_product(FLEET / "world.yaml", FLEET / "plans.yaml") as opened:
        yield opened


def reports(product: LocalProduct) -> list[dict[str, object]]:
    return [message["data"] for message in published(product.cloud) if message["type"] == REPORT]


def test_every_night_brings_one_report(product: LocalProduct) -> None:
    product.pass_time(24 * 60)
    first = reports(product)
    product.pass_time(24 * 60)

    assert (len(first), len(reports(product))) == (1, 2)
    assert first[0]["counts"] is not None
    assert first[0]["quota"] is not None


def test_a_forbidden_listing_is_reported_too(product: LocalProduct) -> None:
    refusal = {"status": 403, "code": "Forbidden.RAM", "message": "no"}
    product.cloud.faults.plant(
        [PlantedFault.model_validate({"action": "DescribeInstances", "error": refusal, "times": 100})]
    )
    product.pass_time(24 * 60)

    assert (reports(product)[-1]["verdict"], reports(product)[-1]["reasons"]) == ("FAILED", ["MachinesUnknown"])
