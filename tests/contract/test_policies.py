"""The shipped RAM policies: each function can do its work with its own, and with any one grant less it cannot."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from ecs_calls import SYSTEM, client, disks, refusal
from fakes.old_world import world_of
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from sdk_calls import Refusal
from support import CloudClock, published, settings_for

from bench.old_images import deprecated, old_image, plan_of
from deploy.policies import DEAD_LETTER_QUEUE, FUNCTIONS, STATUS_QUEUE, read_policy
from files import places
from localcloud.ram import AccessKeys, Policy
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.queues import subscriber
from shared.adapters.mns_queue import MnsQueue, QueueAccess
from shared.domain.errors import CloudError, Transient
from shared.domain.message import ImageStatus, StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.outcome import OUTCOME
from shared.domain.plans import Plans
from shared.domain.rules import Rules, Subject, rules_for
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.report_night import report_night
from shared.flows.retire_images import retire_images
from shared.flows.track_images import track_images
from shared.settings import Settings
from shared.wiring import open_cloud, open_retirement, open_sources

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
LIMITED = {"access_key_id": "LTAIlimited", "access_key_secret": "made-up"}
WITH_FAMILY = Plans.model_validate({"region": REGION, "plans": [{"name": "all", "image": {"family": "web"}}]})


def rules(plans: Plans) -> Rules:
    return rules_for(ACCOUNT, REGION, plans, timedelta(days=2))


def deliver(name: str, cloud: LocalCloud, settings: Settings, plans: Plans | None = None) -> list[tuple[str, int]]:
    """The reason of each answer, and how many disks its image gets."""
    payload = (places.EVENTS / name).read_bytes()
    known = rules(plans or MADE_UP_PLANS)
    answers = create_images(payload, known, open_cloud(settings, CloudClock(cloud)))
    return [(answer.reason.value, len(answer.disks)) for answer in answers if isinstance(answer, ImageStatus)]


def make_from_attached(cloud: LocalCloud, settings: Settings) -> Any:
    return deliver("attached-data-disks.json", cloud, settings)


def make_from_group(cloud: LocalCloud, settings: Settings) -> Any:
    return deliver("consistent-group.json", cloud, settings), published(cloud)[-1]["data"]["snapshot_group_id"]


def give_up_event(cloud: LocalCloud, settings: Settings) -> Any:
    """What Function Compute does with the function's role when every attempt has failed."""
    MnsQueue(replace(settings, status_queue=DEAD_LETTER_QUEUE)).publish(message())
    return len(cloud.mns.queues.peek_all(DEAD_LETTER_QUEUE))


def follow_image(cloud: LocalCloud, settings: Settings) -> Any:
    """The image is made by the owner; the function looks when it is usable, and again when it is checked."""
    deliver("user-snapshot.json", cloud, settings_for(cloud), WITH_FAMILY)
    told = []
    for minutes in (3.1, 2):
        cloud.clock.advance(minutes * 60)
        told += track_images(rules(WITH_FAMILY), open_cloud(settings, CloudClock(cloud)))
    (image,) = cloud.ecs.store.images.values()
    outcome = cloud.ecs.store.snapshots["s-bp1buildsys"].tags.get(OUTCOME)
    return [status.reason.value for status in told], image.family, image.tags["snapimage:open"], outcome


def sweep_snapshots(cloud: LocalCloud, settings: Settings) -> Any:
    """Of a consistent group, one that is refused for good, one that waits for its set, and one that has waited."""
    snapshots = cloud.ecs.store.snapshots
    snapshots.retag("s-bp1buildsys", snapshots["s-bp1buildsys"].tags | {"snapimage:disks.1": "i-bp1build01"})
    counts = reconcile_snapshots(rules(MADE_UP_PLANS), open_cloud(settings, CloudClock(cloud)))
    done = {name: counts.get(name) for name in ("creating", "failed", "waiting")}
    return done, remembered(cloud), "snapimage:disks.1" in snapshots["s-bp1buildsys"].tags


def refuse_for_good(cloud: LocalCloud, settings: Settings) -> Any:
    return deliver("data-disk-snapshot-missing.json", cloud, settings), remembered(cloud)


def tell_night(cloud: LocalCloud, settings: Settings) -> Any:
    """What could not be read of the made-up world, and whether the message went out."""
    known = rules(MADE_UP_PLANS)
    told = report_night(known, open_sources(settings, CloudClock(cloud)), MnsQueue(settings))
    unknown = [each.value for each in told.reasons if each.value.endswith("Unknown")]
    return unknown, len(published(cloud))


def remembered(cloud: LocalCloud) -> dict[str, int]:
    """How many snapshots carry which outcome."""
    tags = [snapshot.tags.get(OUTCOME) for snapshot in cloud.ecs.store.snapshots.values()]
    return dict(Counter(tag.partition(" ")[0] for tag in tags if tag))


def retire(mode: str) -> Callable[[LocalCloud, Settings], Any]:
    """The counts, what is left of images and snapshots, and what was told."""
    plans = Plans.model_validate({"region": REGION, "plans": [plan_of(mode=mode, snapshots="release")]})

    def run(cloud: LocalCloud, settings: Settings) -> Any:
        ports = open_cloud(settings, CloudClock(cloud))
        counts = dict(retire_images(rules(plans), ports, open_retirement(settings, ports)).counts)
        store = cloud.ecs.store
        images = {each.id: each.tags["snapimage:state"].split("=")[0] for each in store.images.values()}
        notes = sorted(each.id for each in store.snapshots.values() if "snapimage:release" in each.tags)
        told = [message["data"]["reason"] for message in published(cloud)]
        return counts, images, sorted(store.snapshots), notes, told

    return run


NAMED = {"launch_templates": [{"id": "lt-1", "versions": [{"image": "m-other"}]}]}
OLD_IMAGES = world_of(
    old_image(0), old_image(1), old_image(2), deprecated(30, since_days=8), deprecated(40, since_days=8, data=["s-1"]),
    snapshots={"retention_days": 7}, **NAMED,
)  # fmt: skip
"""Two are kept, one is to be deprecated, two are to be deleted: one of these shares a snapshot with one that is kept."""


class PolicyCase(NamedTuple):
    run: Callable[[LocalCloud, Settings], Any]
    outcome: Any
    world: WorldFile | None = None


TOLD = ["ImageAvailable", "ImageCheckPassed", "ImagePromoted"]
SWEPT = {"requested": 2, "failed": 1, "waiting": 1}
"""What each of the snapshots below is told; the one that waits is looked at in three passes."""
TO_SWEEP = {"s-bp1fleet2sys", "s-bp1fleet2data", "s-bp1buildbad", "s-bp1buildsys", "s-bp1dbsys20"}
FEW = MADE_UP_WORLD.model_copy(
    update={"snapshots": tuple(each for each in MADE_UP_WORLD.snapshots if each.id in TO_SWEEP)}
)
LEFT = dict.fromkeys(["m-0", "m-1", "m-2"], "checked") | dict.fromkeys(["m-30", "m-40"], "checked retiring")
ALL = ["s-0", "s-1", "s-2", "s-30", "s-40"]
SCENARIOS = {
    "attached": PolicyCase(make_from_attached, [("ImageRequested", 3)]),
    "group": PolicyCase(make_from_group, ([("ImageRequested", 2)], "ssg-bp1fleet02")),
    "given up": PolicyCase(give_up_event, 1),
    "followed": PolicyCase(follow_image, (TOLD, "web", "no", "available ImageAvailable")),
    "refused": PolicyCase(refuse_for_good, ([("DataDiskSnapshotMissing", 0)], {"failed": 1})),
    "reported": PolicyCase(tell_night, ([], 1)),
    "retirement reported": PolicyCase(
        retire("report"),
        ({"kept": 2, "to_deprecate": 1, "to_delete": 2, "left_alone": 0}, LEFT, ALL, [], []),
        OLD_IMAGES,
    ),
    "deprecated": PolicyCase(
        retire("deprecate"),
        (
            {"kept": 2, "to_deprecate": 1, "to_delete": 2, "left_alone": 0, "deprecated": 1},
            LEFT | {"m-2": "checked retiring"},
            ALL,
            [],
            ["ImageDeprecated"],
        ),
        OLD_IMAGES,
    ),
    "deleted": PolicyCase(
        retire("delete"),
        (
            {
                "kept": 2,
                "to_deprecate": 1,
                "to_delete": 2,
                "left_alone": 0,
                "deprecated": 1,
                "deleted": 2,
                "snapshots_deleted": 2,
            },
            {"m-0": "checked", "m-1": "checked", "m-2": "checked retiring"},
            ["s-0", "s-1", "s-2"],
            [],
            ["ImageDeprecated", "ImageRetired", "ImageRetired"],
        ),
        OLD_IMAGES,
    ),
    "swept": PolicyCase(sweep_snapshots, ({"creating": 2, "failed": 1, "waiting": 3}, SWEPT, False), FEW),
}

RETIRING = "retire_images, to "
"""The function with the policy for a mode."""
# Of every function each single grant, and what cannot be done without it.
NEEDED = [
    ("create_image", "ecs:DescribeSnapshots", "snapshot/*", "attached"),
    ("create_image", "ecs:DescribeDisks", "disk/*", "attached"),
    ("create_image", "ecs:DescribeImages", "image/*", "attached"),
    ("create_image", "ecs:DescribeSnapshotGroups", "snapshotgroup/*", "group"),
    ("create_image", "ecs:CreateImage", "image/*", "attached"),
    ("create_image", "ecs:CreateImage", "snapshot/*", "attached"),
    ("create_image", "ecs:TagResources", "snapshot/*", "refused"),
    ("create_image", "mns:SendMessage", "/queues/snapimage-status/messages", "attached"),
    ("create_image", "mns:SendMessage", "/queues/snapimage-dead-letters/messages", "given up"),
    ("reconcile_snapshots", "ecs:DescribeSnapshots", "snapshot/*", "swept"),
    ("reconcile_snapshots", "ecs:DescribeDisks", "disk/*", "swept"),
    ("reconcile_snapshots", "ecs:DescribeImages", "image/*", "swept"),
    ("reconcile_snapshots", "ecs:DescribeSnapshotGroups", "snapshotgroup/*", "swept"),
    ("reconcile_snapshots", "ecs:CreateImage", "image/*", "swept"),
    ("reconcile_snapshots", "ecs:CreateImage", "snapshot/*", "swept"),
    ("reconcile_snapshots", "ecs:TagResources", "snapshot/*", "swept"),
    ("reconcile_snapshots", "ecs:UntagResources", "snapshot/*", "swept"),
    ("reconcile_snapshots", "mns:SendMessage", "/queues/snapimage-status/messages", "swept"),
    ("report_night", "ecs:DescribeInstances", "instance/*", "reported"),
    ("report_night", "ecs:DescribeDisks", "disk/*", "reported"),
    ("report_night", "ecs:DescribeSnapshots", "snapshot/*", "reported"),
    ("report_night", "ecs:DescribeImages", "image/*", "reported"),
    ("report_night", "ecs:DescribeAutoSnapshotPolicyEx", "snapshotpolicy/*", "reported"),
    ("report_night", "quotas:GetProductQuota", "quota/ecs/q_user-image-count", "reported"),
    ("report_night", "mns:SendMessage", "/queues/snapimage-status/messages", "reported"),
    ("track_images", "ecs:DescribeImages", "image/*", "followed"),
    ("track_images", "ecs:DescribeSnapshots", "snapshot/*", "followed"),
    ("track_images", "ecs:TagResources", "image/*", "followed"),
    ("track_images", "ecs:TagResources", "snapshot/*", "followed"),
    ("track_images", "ecs:ModifyImageAttribute", "image/*", "followed"),
    ("track_images", "mns:SendMessage", "/queues/snapimage-status/messages", "followed"),
]


_REPORTING = [
    ("ecs:DescribeImages", "image/*"), ("ecs:DescribeSnapshots", "snapshot/*"), ("ecs:DescribeDisks", "disk/*"),
    ("ecs:DescribeLaunchTemplates", "launchtemplate/*"), ("ecs:DescribeLaunchTemplateVersions", "launchtemplate/*"),
    ("ecs:DescribeImagePipelines", "imagepipeline/*"), ("ess:DescribeScalingConfigurations", "*"),
]  # fmt: skip
_DEPRECATING = [
    ("ecs:TagResources", "image/*"), ("ecs:ModifyImageAttribute", "image/*"),
    ("mns:SendMessage", "/queues/snapimage-status/messages"),
]  # fmt: skip
_DELETING = [
    ("ecs:DeleteImage", "image/*"), ("ecs:TagResources", "snapshot/*"), ("ecs:UntagResources", "snapshot/*"),
    ("ecs:DescribeLockedSnapshots", "snapshot/*"), ("ecs:DeleteSnapshot", "snapshot/*"),
]  # fmt: skip
WEAKER = {RETIRING + "deprecate": RETIRING + "report", RETIRING + "delete": RETIRING + "deprecate"}
"""The mode that does the same and less: what it needs, the stronger one needs, and is not tried once more."""
NEEDED += [(RETIRING + "report", *grant, "retirement reported") for grant in _REPORTING]
NEEDED += [(RETIRING + "deprecate", *grant, "deprecated") for grant in _DEPRECATING]
NEEDED += [(RETIRING + "delete", *grant, "deleted") for grant in _DELETING]


def message() -> StatusMessage:
    subject = Subject(account_id=ACCOUNT, region_id=REGION, snapshot_id="s-1")
    return envelope(subject.answer(State.SKIPPED, Reason.NO_PLAN, "no plan"), "create_image", WorldFile().start_time())


def shipped(name: str) -> Policy:
    function, _, mode = name.partition(", to ")
    plan = {"name": "web", "retire": {"mode": mode or "report", "keep": {"last": 2}}}
    plans = Plans.model_validate({"region": REGION, "plans": [plan]})
    return Policy.model_validate(read_policy(function, REGION, ACCOUNT, plans))


def grants(policy: Policy) -> list[tuple[str, str]]:
    """Each action with each resource, without the account."""
    return [
        (action, resource.split(":", 4)[4])
        for statement in policy.statements
        for action in statement.actions
        for resource in statement.resources
    ]


def allow(*given: tuple[str, str]) -> Policy:
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": f"acs:{action.partition(':')[0]}:{REGION}:{ACCOUNT}:{what}"}
        for action, what in given
    ]
    return Policy.model_validate({"Version": "1", "Statement": statements})


def keys_with(policy: Policy) -> AccessKeys:
    keys = AccessKeys()
    keys.add(LIMITED["access_key_id"], LIMITED["access_key_secret"], policy)
    return keys


def outcome(scenario: PolicyCase, policy: Policy) -> tuple[Any, set[str]]:
    """What came of it, and which actions were refused."""
    with LocalCloud(scenario.world or MADE_UP_WORLD, keys=keys_with(policy)) as cloud:
        try:
            result = scenario.run(cloud, settings_for(cloud, **LIMITED))
        except CloudError as trouble:
            result = trouble.code
        return result, {call.action for call in cloud.journal.calls() if call.code in {"Forbidden.RAM", "AccessDenied"}}


@pytest.mark.parametrize(("function", "name"), sorted({(row[0], row[3]) for row in NEEDED}))
def test_a_function_can_do_its_work_with_its_shipped_policy(function: str, name: str) -> None:
    assert outcome(SCENARIOS[name], shipped(function)) == (SCENARIOS[name].outcome, set())


@pytest.mark.parametrize(("function", "action", "resource", "name"), NEEDED)
def test_without_any_one_grant_it_cannot(function: str, action: str, resource: str, name: str) -> None:
    rest = [grant for grant in grants(shipped(function)) if grant != (action, resource)]

    result, refused = outcome(SCENARIOS[name], allow(*rest))
    assert result != SCENARIOS[name].outcome
    assert refused == {action.partition(":")[2]}


def test_every_grant_of_every_function_is_tried() -> None:
    names = [name for name in FUNCTIONS if name != "retire_images"]
    names += [RETIRING + mode for mode in ("report", "deprecate", "delete")]
    weaker = {name: grants(shipped(WEAKER[name])) if name in WEAKER else [] for name in names}
    given = {(name, *grant) for name in names for grant in grants(shipped(name)) if grant not in weaker[name]}

    assert given == {row[:3] for row in NEEDED}


@pytest.mark.parametrize("name", WEAKER)
def test_a_mode_that_does_more_may_do_all_that_the_weaker_one_may(name: str) -> None:
    assert set(grants(shipped(WEAKER[name]))) < set(grants(shipped(name)))


@pytest.mark.parametrize("mode", ["deprecate", "delete"])
def test_a_role_that_is_to_report_changes_nothing_whatever_the_plan_says(mode: str) -> None:
    with LocalCloud(OLD_IMAGES, keys=keys_with(shipped(RETIRING + "report"))) as cloud:
        _, images, snapshots, notes, told = retire(mode)(cloud, settings_for(cloud, **LIMITED))

        assert (images, snapshots, notes, told) == (LEFT, ALL, [], [])


def test_a_role_that_is_to_deprecate_deletes_nothing_whatever_the_plan_says() -> None:
    with LocalCloud(OLD_IMAGES, keys=keys_with(shipped(RETIRING + "deprecate"))) as cloud:
        _, images, snapshots, *_ = retire("delete")(cloud, settings_for(cloud, **LIMITED))

        assert (set(images), snapshots) == (set(LEFT), ALL)


@pytest.mark.parametrize("function", [*(name for name in FUNCTIONS if name != "retire_images"), RETIRING + "report"])
def test_without_a_plan_that_retires_no_role_may_delete_anything(function: str) -> None:
    verbs = [action.partition(":")[2] for action, _ in grants(shipped(function))]

    assert [verb for verb in verbs if verb.startswith("Delete")] == []


def test_every_function_has_its_policy() -> None:
    assert sorted(FUNCTIONS) == sorted(path.parent.name for path in places.ROOT.glob("functions/*/handler.py"))


def test_a_subscriber_can_look_receive_and_delete_with_its_shipped_policy(world: WorldFile) -> None:
    with LocalCloud(world, keys=keys_with(shipped("subscriber"))) as cloud:
        MnsQueue(settings_for(cloud)).publish(message())
        access = QueueAccess(endpoint=cloud.endpoint, security_token="", queue=STATUS_QUEUE, **LIMITED)

        (seen,) = subscriber.peek(access)
        taken = subscriber.receive(access, 0)
        assert taken is not None
        subscriber.delete(access, taken)
        assert seen.message_id == taken.message_id
        assert published(cloud) == []


def test_a_subscriber_cannot_publish(world: WorldFile) -> None:
    with (
        LocalCloud(world, keys=keys_with(shipped("subscriber"))) as cloud,
        pytest.raises(Transient, match="mns:SendMessage on acs:mns:cn-hangzhou:1234567890123456:/queues/snapimage-st"),
    ):
        MnsQueue(settings_for(cloud, **LIMITED)).publish(message())


def test_the_owner_may_do_everything_beside_a_limited_key(world: WorldFile) -> None:
    with LocalCloud(world, keys=keys_with(allow(("ecs:DescribeImages", "image/*")))) as cloud:
        MnsQueue(settings_for(cloud)).publish(message())

        assert len(published(cloud)) == 1


def call_refused(cloud: LocalCloud, method: str, request: Any) -> AlibabaCloudException:
    with pytest.raises(AlibabaCloudException) as caught:
        getattr(client(cloud, **LIMITED), method)(request)
    return caught.value


def test_what_ecs_refuses_names_action_and_resource(world: WorldFile) -> None:
    from alibabacloud_ecs20140526.models import DescribeDisksRequest

    with LocalCloud(world, keys=keys_with(allow(("ecs:DescribeImages", "image/*")))) as cloud:
        error = call_refused(cloud, "describe_disks", DescribeDisksRequest(region_id=REGION))

    assert refusal(error) == Refusal(403, "Forbidden.RAM")
    assert "ecs:DescribeDisks on acs:ecs:cn-hangzhou:1234567890123456:disk/*" in str(error.message)


def test_an_image_needs_every_snapshot_that_it_is_made_of(world: WorldFile) -> None:
    from alibabacloud_ecs20140526.models import CreateImageRequest

    some = allow(("ecs:CreateImage", "image/*"), ("ecs:CreateImage", "snapshot/s-web1sys"))
    mapping = disks(SYSTEM, {"snapshot_id": "s-web1data"})
    with LocalCloud(world, keys=keys_with(some)) as cloud:
        error = call_refused(
            cloud, "create_image", CreateImageRequest(region_id=REGION, disk_device_mapping=mapping, image_name="web")
        )

    assert "ecs:CreateImage on acs:ecs:cn-hangzhou:1234567890123456:snapshot/s-web1data" in str(error.message)


ONE_IMAGE = [("ecs:TagResources", "image/m-existing"), ("ecs:ModifyImageAttribute", "image/m-existing")]


def test_a_policy_for_one_image_is_for_that_image(world: WorldFile) -> None:
    from alibabacloud_ecs20140526.models import ModifyImageAttributeRequest

    with LocalCloud(world, keys=keys_with(allow(*ONE_IMAGE))) as cloud:
        ask = ModifyImageAttributeRequest(region_id=REGION, image_id="m-existing", image_family="web")
        client(cloud, **LIMITED).modify_image_attribute(ask)
        ask.image_id = "m-alinux"
        error = call_refused(cloud, "modify_image_attribute", ask)

    assert refusal(error) == Refusal(403, "Forbidden.RAM")
