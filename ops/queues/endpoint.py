"""What the endpoint of MNS tells: whose it is, and where.

MNS help, "Endpoints": `ACCOUNT.mns.REGION.aliyuncs.com`, with `-internal` or `-internal-vpc` from inside the cloud.
"""

import re
from dataclasses import dataclass

_ENDPOINT = re.compile(r"https?://([0-9]+)\.mns\.([a-z0-9-]+?)(?:-internal)?(?:-vpc)?\.aliyuncs\.com/?")


@dataclass(frozen=True)
class QueuePlace:
    account_id: str
    region: str


def place_of(endpoint: str) -> QueuePlace | None:
    """None of a local cloud, of a private link, of what is no endpoint at all."""
    found = _ENDPOINT.fullmatch(endpoint)
    return QueuePlace(found[1], found[2]) if found else None
