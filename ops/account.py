"""What an operator's command works on: the plans, and a local cloud or a real account as the flows see it."""

import os
from pathlib import Path

from deploy.policies import STATUS_QUEUE
from files.errors import CommandError
from files.places import OWN_PLANS, PLANS
from ops.local.connection import connect_local
from ops.local.control import LocalControl
from ops.plans.check import read_plans
from ops.queues.endpoint import place_of
from ops.session import NOWHERE, Account, open_session
from shared.wiring import open_cloud

QUEUES = "SNAPIMAGE_MNS_ENDPOINT"


def open_account(endpoint: str | None, plans_file: Path | None, tells: bool) -> Account:
    """`tells`: whether the command puts messages on the status queue; it then needs the queue and the account's number."""
    if endpoint:
        return connect_local(LocalControl(endpoint), read_plans(plans_file or PLANS))
    plans = read_plans(plans_file or OWN_PLANS)
    queues = os.environ.get(QUEUES, "")
    if tells and not queues:
        raise CommandError(
            f"{QUEUES} is not set: it says where the status queue is, http(s)://ACCOUNT.mns.REGION.aliyuncs.com"
        )
    place = place_of(queues)
    if tells and place is None:
        raise CommandError(f"{QUEUES} does not name the account, as in http(s)://ACCOUNT.mns.REGION.aliyuncs.com")
    session = open_session(None, plans.region)
    status_queue = os.environ.get("SNAPIMAGE_STATUS_QUEUE", STATUS_QUEUE)
    settings = session.settings(place.account_id if place else "0", queues or NOWHERE, status_queue)
    return Account(settings, plans, open_cloud(settings, session.clock))
