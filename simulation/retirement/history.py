"""Some weeks of an account whose images are retired every day, drawn from a seed, and what was wrong in them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError
from shared.domain.plans import Plan, Plans
from shared.domain.retire import KeepRules, Retire
from shared.domain.retirement import Delete
from shared.domain.rules import Rules, rules_for
from shared.flows.retire_images import retire_images
from shared.flows.retirement_view import retiring_plans, view_retirement
from shared.ports import Cloud
from shared.retirement_ports import Retirement
from simulation.collector import collected_after_each
from simulation.retirement.account import DAY, MemoryAccount, ProcessEnded
from simulation.retirement.general_ports import RetirementClock, RetirementDisks, RetirementQueue, RetirementTags
from simulation.retirement.judge import Judge, Promise
from simulation.retirement.moves import PLANS, Others
from simulation.retirement.ports import MemoryRetirement

UNREADABLE = (
    "DescribeLaunchTemplates", "DescribeScalingConfigurations", "DescribeImagePipelines", "DescribeLockedSnapshots",
    "DescribeDisks", "DescribeImages of disk", "DescribeImages of family",
)  # fmt: skip
FAULTS = ("refused", "throttled", "lost", "ended before", "ended after")
ANY = Plan(name="any")
REGION = Plans(region="cn-hangzhou", plans=(ANY,))
Wrap = Callable[[Any, Any], tuple[Any, Any]]
"""From cloud and estate to what the functions see instead: for planted mistakes."""


@dataclass
class RetirementScene:
    account: MemoryAccount
    judge: Judge
    others: Others
    wanted: dict[str, Retire]
    """What the operator was promised."""
    deployed: dict[str, Retire]
    """What the functions go by."""
    wrap: Wrap | None = None

    def ports(self) -> tuple[Cloud, Retirement]:
        account: Any = self.account
        clock = RetirementClock(account)
        cloud = Cloud(
            RetirementTags(account, "snapshot"), RetirementDisks(account), RetirementTags(account, "image"),  # type: ignore[arg-type]
            RetirementQueue(account, self.judge), clock, CallRecord(Throttling(clock, None)),
        )  # fmt: skip
        estate: Any = MemoryRetirement(account, self.judge)
        return self.wrap(cloud, estate) if self.wrap else (cloud, estate)

    def rules(self) -> Rules:
        plans = tuple(ANY.model_copy(update={"name": name, "retire": wanted}) for name, wanted in self.deployed.items())
        return rules_for("1", "cn-hangzhou", REGION.model_copy(update={"plans": plans}))

    def announce(self) -> frozenset[str]:
        """The dry run, which nothing disturbs."""
        meanwhile, self.account.meanwhile = self.account.meanwhile, None
        faults, self.account.faults = self.account.faults, {}
        view = view_retirement(retiring_plans(self.rules()), *self.ports())
        self.account.meanwhile, self.account.faults = meanwhile, faults
        return frozenset(image_id for image_id, step in view.steps.items() if isinstance(step, Delete))

    def run(self) -> None:
        self.account.run += 1
        self.account.is_disturbed = False
        is_deleting = any(wanted.mode == "delete" for wanted in self.deployed.values())
        self.judge.begin(self.announce() if is_deleting else frozenset())
        try:
            retire_images(self.rules(), *self.ports())
        except CloudError as trouble:
            self.account.trace.append(f"{self.account.tick} run ended: {trouble.code}")
        except ProcessEnded:
            pass


def play_history(seed: int, wrap: Wrap | None = None, believe: Callable[[Retire], Retire] | None = None) -> list[str]:
    """What was broken. `believe` makes the functions' plans others than those that the operator was promised."""
    scene = draw_scene(seed, wrap)
    draw, account = scene.account.draw, scene.account
    for _ in range(draw.randrange(3, 8)):
        account.now += DAY * draw.choice((1, 1, 1, 2))
        if draw.random() < 0.7:
            scene.others.make_image()
        if draw.random() < 0.5:
            scene.others.act()
        _set_modes(scene, draw.choice(("delete", "delete", "delete", "deprecate", "report", "off")), believe)
        _disturb(scene)
        scene.run()
        account.meanwhile, account.faults, account.unreadable = None, {}, ""
    return settle(scene, believe)


def settle(scene: RetirementScene, believe: Callable[[Retire], Retire] | None = None) -> list[str]:
    """Quiet days, after which nothing is left half done."""
    scene.wanted = {name: wanted.model_copy(update={"at_most": "100%"}) for name, wanted in scene.wanted.items()}
    _set_modes(scene, "delete", believe)
    for days in (1, 2, 40, 1, 1):
        scene.account.now += days * DAY
        scene.run()
    scene.judge.close()
    return scene.judge.broken


def draw_scene(seed: int, wrap: Wrap | None = None) -> RetirementScene:
    draw = random.Random(seed)
    account = MemoryAccount(draw)
    account.disks = {"d-1": None, "d-2": None, "d-3": None if draw.random() < 0.5 else account.now}
    others = Others(account)
    for _ in range(draw.randrange(4, 12)):
        others.make_image(draw.uniform(0, 40))
    release = draw.choice(("release", "release", "leave"))
    wanted = {
        name: Retire(
            keep=KeepRules(last=draw.choice((1, 2, 3)), daily=draw.choice((0, 0, 2)), monthly=draw.choice((0, 0, 1))),
            grace=draw.choice((1, 2)) * DAY, gone=draw.choice((3, 5)) * DAY, snapshots=release,
            at_most=draw.choice(("100%", "100%", "50%", 1)),
        )
        for name in PLANS
    }  # fmt: skip
    return RetirementScene(account, Judge(account, {}), others, wanted, {}, wrap)


def search(seeds: Sequence[int], **options: Any) -> tuple[int, list[str]] | None:
    """The first history that breaks a promise."""
    for seed in collected_after_each(seeds):
        if broken := play_history(seed, **options):
            return seed, broken
    return None


def _set_modes(scene: RetirementScene, mode: str, believe: Callable[[Retire], Retire] | None) -> None:
    true = {name: wanted.model_copy(update={"mode": mode}) for name, wanted in scene.wanted.items()}
    ours = [image.plan for image in scene.account.images.values() if image.is_ours and not image.is_copy]
    scene.judge.promises = {
        name: Promise(mode, wanted.keep.last, wanted.grace, wanted.gone, wanted.most_of(ours.count(name)), wanted.snapshots == "release")
        for name, wanted in true.items()
    }  # fmt: skip
    scene.deployed = {name: believe(wanted) for name, wanted in true.items()} if believe else true


def _disturb(scene: RetirementScene) -> None:
    """Some runs meet one fault, some meet others at work, most meet neither."""
    draw, account = scene.account.draw, scene.account
    if draw.random() < 0.4:
        first = account.tick + 10
        account.faults = {draw.randrange(first, first + 60): draw.choice(FAULTS) for _ in range(draw.randrange(1, 3))}
    if draw.random() < 0.2:
        account.unreadable = draw.choice(UNREADABLE)
    if draw.random() < 0.4:
        account.meanwhile = lambda: scene.others.act() if draw.random() < 0.04 else None
