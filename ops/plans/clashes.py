"""Whether two plans claim the same disk for sure: which of them counts would then depend on their order."""

from shared.domain.plans import Plan, Source

Ids = frozenset[str]
Tags = dict[str, tuple[str, ...]]
FILTERS = ("instances", "instance_tags", "disks", "tags")


def find_clash(first: Plan, second: Plan) -> str | None:
    """Why two enabled plans overlap for sure; filters of two kinds may meet in ways that only the cloud knows."""
    one, other = first.source, second.source
    if not (first.enabled and second.enabled and one.snapshot_types & other.snapshot_types):
        return None
    if _excludes(one, other) or _excludes(other, one):
        return None
    both = f"plans {first.name} and {second.name} both claim"
    if one.is_everything or other.is_everything:
        return f"{both} some disks: one of them names no instances, disks or tags and so takes all"
    shared = [_shared(getattr(one, name), getattr(other, name)) for name in FILTERS]
    if [] in shared or _each_has_its_own(one, other):
        return None
    return f"{both} {', '.join(word for words in shared for word in words or ())}"


def _excludes(one: Source, other: Source) -> bool:
    """Whether what `other` goes by is plainly left out by `one`."""
    by_tag = any(key in other.tags and set(other.tags[key]) <= set(values) for key, values in one.except_tags.items())
    return by_tag or bool(other.disks and other.disks <= one.except_disks)


def _each_has_its_own(one: Source, other: Source) -> bool:
    """Each has a filter that the other has not: only the cloud knows whether a disk passes both."""
    mine = [bool(getattr(one, name)) for name in FILTERS]
    theirs = [bool(getattr(other, name)) for name in FILTERS]
    return any(a and not b for a, b in zip(mine, theirs, strict=True)) and any(
        b and not a for a, b in zip(mine, theirs, strict=True)
    )


def _shared(one: Ids | Tags, other: Ids | Tags) -> list[str] | None:
    """What both filters name; None when one of them is absent, nothing when they name different things."""
    if not one or not other:
        return None
    if isinstance(one, dict) and isinstance(other, dict):
        return _shared_tags(one, other)
    return sorted(set(one) & set(other))


def _shared_tags(one: Tags, other: Tags) -> list[str]:
    """One set of tags implies the other. Unrelated tags may meet on one disk, but need not."""
    if not (one.keys() <= other.keys() or other.keys() <= one.keys()):
        return []
    common = {key: sorted(set(one[key]) & set(other[key])) for key in one.keys() & other.keys()}
    if not all(common.values()):
        return []
    return [f"{key}={value}" for key, values in sorted(common.items()) for value in values]
