"""Values that somebody who means harm, or a sender that broke, would put into an event."""

# ruff: noqa: RUF001 - letters that look like others are the point

import json
import random
from typing import Any

LONG = 10_240

TEXTS = [
    "", " ", "\x00", "\n", "\r\n", "\t", "'", '"', "\\", "\x1b[31m", "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff\ud800",
    "s-1\n{\"function\": \"create_image\", \"state\": \"creating\"}", "' OR '1'='1", "\"; rm -rf /", "${jndi:ldap://x}", "{0.__class__}", "%s%n",
    "<a>&b;</a>", "../../etc/passwd", "%0d%0aSet-Cookie: a=b", "снимок", "快照", "لقطة", "𝕤-𝟙", "ｓ－１", "١٢٣٤٥٦", "e\u0301" * 40, "🏔" * 256,
    "s-", "s-1\n", "s-bp1websys20\n", " s-bp1websys20", "s-bp1websys20 ", "S-bp1websys20", "s-" + "x" * 62, "s-" + "x" * 63, "s-é", "s-1/../2",
    "d-", "d-bp1websys\n", "d-" + "x" * 62, "d-" + "x" * 63, "i-bp1web01", "m-1", "x" * 64, "x" * 65, "x" * 256, "x" * 257, "x" * LONG, "\n" * LONG,
    "1234567890123456", "1234567890123456\n", "9" * 32, "9" * 33, "cn-hangzhou", "cn-hangzhou\n", "CN-HANGZHOU", "cn-beijing", "٣" * 16,
    "accomplished", "ACCOMPLISHED", "failed", "Failed", "progressing", "timer", "user", "auto", "copied", "imported",
    "ecs:Snapshot:CreateSnapshotCompleted", "Snapshot:CreateSnapshotCompleted", "ecs:Snapshot:CreateSnapshotCompleted\n",
    "2026-11-20T02:04:00Z", "2026-11-20T02:04:00+08:00", "2026-11-20T02:04Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "2026-13-45T99:99:99Z", "2026-11-20T02:04:00+99:99", "2026-11-20T02:04:00Z\n", "2199-12-31T23:59:59+00:00", "NaN", "null", "true",
    "acs:ecs:cn-hangzhou:1234567890123456:snapshot/s-bp1websys20", "acs:ecs:::snapshot/s-bp1websys20", "acs:ecs:a:b:snapshot/",
    "acs:ecs:cn-hangzhou:1234567890123456:snapshot/s-1\n", "acs:ecs:cn-hangzhou:1234567890123456:snapshot/" + "x" * LONG,
]  # fmt: skip
NUMBERS: list[Any] = [
    0, 1, -1, 2**31, 2**63, 2**64, 10**400, -(10**400), 10**4290, 0.0, -0.0, 0.1, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
]  # fmt: skip
NUMBER_TEXTS = [json.dumps(number) for number in NUMBERS]
"""The long ones take a while to write."""
KEYS = [
    "id", "type", "name", "subject", "data", "content", "aliyunaccountid", "aliyunregionid", "userId", "regionId", "resourceId", "snapshotId",
    "diskId", "result", "snapshotType", "endTime", "event_id", "account_id", "region_id", "snapshot_id", "disk_id", "kind", "ended", "problem",
    "__class__", "__init__", "self", "", "\n",
]  # fmt: skip


def text(rng: random.Random) -> str:
    """One of the texts, or two of them grown together."""
    chosen = rng.choice(TEXTS)
    return chosen if rng.random() < 0.8 else chosen[: rng.randrange(40)] + rng.choice(TEXTS)[: rng.randrange(300)]


def value(rng: random.Random) -> str:
    """Anything that JSON can say, and some that only Python's JSON can: its text."""
    kind = rng.randrange(20)
    if kind < 11:
        return json.dumps(text(rng))
    if kind < 14:
        return rng.choice(NUMBER_TEXTS)
    if kind < 16:
        return rng.choice(["null", "true", "false"])
    if kind < 19:
        word = json.dumps(text(rng))
        return rng.choice(
            ["[]", "{}", f"[{word}]", f"{{{json.dumps(rng.choice(KEYS))}: {word}}}", json.dumps([None] * 50)]
        )
    return nested(rng.choice([3, 30, 300, 900, 950, 970, 985]), rng.random() < 0.5)


def nested(depth: int, in_lists: bool) -> str:
    return "[" * depth + "0" + "]" * depth if in_lists else '{"a": ' * depth + "0" + "}" * depth
