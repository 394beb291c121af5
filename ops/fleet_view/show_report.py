"""The night's report for people: short, as `watch` shows it, and whole, as `snapimage report` does."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.counts import count
from ops.fleet_view.words import printable

LISTS = ("failing", "never", "stale", "waiting", "unplanned")
UNKNOWN = "not known"


def to_text(told: Mapping[str, Any]) -> str:
    return "\n".join(_whole(told))


def in_short(told: Mapping[str, Any]) -> Iterator[str]:
    """As it came off a queue: a later version may lack nothing and have more."""
    yield str(told.get("explanation", ""))
    if reasons := first_reasons(told):
        yield f"why not OK: {', '.join(reasons)}"
    pinned, quota = told.get("pinned"), told.get("quota")
    images = UNKNOWN if told.get("images") is None else told["images"]
    room = f"{quota.get('used')} of {quota.get('limit')} used" if isinstance(quota, dict) else UNKNOWN
    past = f"{pinned.get('snapshots')} snapshots of {pinned.get('gib')} GiB" if isinstance(pinned, dict) else UNKNOWN
    yield f"images {images}; image quota {room}; pinned past their own retention {past}"


def first_reasons(told: Mapping[str, Any]) -> list[str]:
    given = told.get("reasons")
    return [str(each) for each in given[:9]] if isinstance(given, list) else []


def _whole(told: Mapping[str, Any]) -> Iterator[str]:
    account = f"account {told['account_id']}, " if told["account_id"] else ""
    yield f"{told['verdict']}  night of {told['night']}, {account}{told['region_id']}"
    yield from (printable(line) for line in in_short(told))
    for plan in told["plans"]:
        named = f", {count(plan['missing'], 'id')} that nothing answers to" if plan["missing"] else ""
        off = "" if plan["enabled"] else ", disabled"
        yield f"plan {plan['name']}: {plan['fresh']} of {plan['machines']} machines fresh, {count(plan['images'], 'image')}{named}{off}"
    for word in LISTS:
        yield from _machines(word, told[word] or {"listed": [], "not_listed": 0})
    for refusal in told["refusals"]:
        yield f"{refusal['action']} refused {refusal['times']} times: {printable(refusal['code'])}"
    yield f"{told['calls']} calls, {told['waited_seconds']} s waited for throttling"


def _machines(word: str, entries: Mapping[str, Any]) -> Iterator[str]:
    for each in entries["listed"]:
        yield printable(f"{word:<9}  {each['instance_id']} ({each['name']})  {each['plan'] or '-'}  {each['why']}")
    if entries["not_listed"]:
        yield f"{word:<9}  and {entries['not_listed']} more"
