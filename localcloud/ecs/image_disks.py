"""Which disks an image gets: the rules of SnapshotId and DiskDeviceMapping."""

import re
from datetime import datetime, timezone
from string import ascii_lowercase

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.resources import SYSTEM_DEVICE, EcsImageDisk, EcsSnapshot
from localcloud.ecs.state import EcsStore

_MOST_DATA_DISKS = 16
_LARGEST_GIB = 32768
_EMPTY_DISK_GIB = 5
_OLDEST = datetime(2013, 7, 15, tzinfo=timezone.utc).timestamp()


def disks_of(params: Params, store: EcsStore) -> tuple[EcsImageDisk, ...]:
    """API reference CreateImage: InstanceId outranks DiskDeviceMapping outranks SnapshotId.

    It is a priority, not an exclusion: a SnapshotId beside a mapping is ignored without a word, so a mapping that holds
    the data disks only has lost its system disk.
    """
    entries = params.items("DiskDeviceMapping")
    if entries:
        return _disks_of_mapping(entries, store)
    snapshot_id = params.text("SnapshotId")
    if snapshot_id is None:
        raise EcsError(errors.NOTHING_TO_BUILD_FROM)
    source = _usable_snapshot(snapshot_id, store)
    if source.source_disk_type != "system":
        raise EcsError(errors.NOT_FROM_SYSTEM_DISK, id=source.id)
    return (EcsImageDisk(SYSTEM_DEVICE, "system", source.size_gib, source.id, source.encrypted),)


def _disks_of_mapping(entries: list[dict[str, str]], store: EcsStore) -> tuple[EcsImageDisk, ...]:
    sources = [_source(entry, store) for entry in entries]
    types = [_disk_type(entry, source) for entry, source in zip(entries, sources, strict=True)]
    _check_counts(types, sources)
    letters = iter(ascii_lowercase[1:])
    # CreateImage, Device: /dev/xvda is the system disk; data disks get /dev/xvdb to /dev/xvdz in order.
    devices = [SYSTEM_DEVICE if type_ == "system" else f"/dev/xvd{next(letters)}" for type_ in types]
    return tuple(
        EcsImageDisk(device, type_, _size(entry.get("Size", ""), source), source.id, source.encrypted)
        if source
        else EcsImageDisk(device, type_, _size(entry.get("Size", ""), None))
        for entry, source, type_, device in zip(entries, sources, types, devices, strict=True)
    )


def _source(entry: dict[str, str], store: EcsStore) -> EcsSnapshot | None:
    """API reference CreateImage: an entry without a SnapshotId is an empty data disk."""
    return _usable_snapshot(entry["SnapshotId"], store) if entry.get("SnapshotId") else None


def _usable_snapshot(snapshot_id: str, store: EcsStore) -> EcsSnapshot:
    """API reference CreateImage, error codes: what a snapshot must be before any image is made of it."""
    snapshot = store.snapshot(snapshot_id)
    if snapshot is None:
        raise EcsError(errors.SNAPSHOT_NOT_FOUND, id=snapshot_id)
    status = snapshot.status(store.clock.now())
    # Whether an instantly available snapshot could be used before it is accomplished is not documented for images.
    if status == "progressing":
        raise EcsError(errors.SNAPSHOT_NOT_READY, id=snapshot_id)
    if status == "failed":
        raise EcsError(errors.SNAPSHOT_NOT_ALLOWED, id=snapshot_id)
    if snapshot.started < _OLDEST:
        raise EcsError(errors.SNAPSHOT_TOO_OLD, id=snapshot_id)
    if snapshot.category == "archive":
        raise EcsError(errors.ARCHIVED_SNAPSHOT, id=snapshot_id)
    if snapshot.shared:
        raise EcsError(errors.SHARED_SNAPSHOT, id=snapshot_id)
    # The documents conflict: the console's page allows encrypted snapshots, the API reference still lists this refusal.
    if snapshot.encrypted and store.world.refuse_encrypted:
        raise EcsError(errors.ENCRYPTED_SNAPSHOT, id=snapshot_id)
    return snapshot


def _disk_type(entry: dict[str, str], source: EcsSnapshot | None) -> str:
    """API reference CreateImage, DiskType: by default that of the snapshot's disk; an empty disk is a data disk."""
    given = entry.get("DiskType", "")
    if given not in ("", "system", "data"):
        raise EcsError(errors.BAD_DISK_TYPE, value=given)
    if given == "system" and source is None:
        raise EcsError(errors.NO_SYSTEM_SNAPSHOT)
    if given == "system" and source is not None and source.source_disk_type == "data":
        raise EcsError(errors.DATA_SNAPSHOT_AS_SYSTEM, id=source.id)
    return given or (source.source_disk_type if source else "data")


def _check_counts(types: list[str], sources: list[EcsSnapshot | None]) -> None:
    """API reference CreateImage: exactly one system snapshot, at most 16 data snapshots.

    User guide, limits: 16 data disks in an image, so empty ones count. No error code is documented for the seventeenth.
    """
    systems = types.count("system")
    if systems != 1:
        raise EcsError(errors.TWO_SYSTEM_SNAPSHOTS if systems else errors.NO_SYSTEM_SNAPSHOT)
    if len(sources) - 1 > _MOST_DATA_DISKS:
        why = f"an image has at most {_MOST_DATA_DISKS} data disks"
        raise EcsError(errors.BAD_PARAMETER, name="DiskDeviceMapping", value=len(sources) - 1, why=why)


def _size(given: str, source: EcsSnapshot | None) -> int:
    """API reference CreateImage, Size: at least the snapshot's, which is also the default.

    For an empty disk the documents conflict: the console's page "Create a custom image from a snapshot" says 5 GiB by
    default; the API reference says so for basic disks (5 to 2000 GiB) and 20 for the others (20 to 32768). The category
    of an empty disk cannot be given, so 5 is the default here and 5 to 32768 is taken.
    """
    least = source.size_gib if source else _EMPTY_DISK_GIB
    if not given:
        return least
    if not re.fullmatch(r"[0-9]{1,6}", given) or not least <= int(given) <= _LARGEST_GIB:
        raise EcsError(errors.BAD_SIZE, value=given, why=f"it must be {least} to {_LARGEST_GIB} GiB")
    return int(given)
