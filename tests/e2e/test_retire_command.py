"""snapimage retire and snapimage keep, as an operator runs them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import run_command
from fakes.old_world import world_of
from support import CloudClock, settings_for

from bench.old_images import deprecated, old_image, plan_of
from files.errors import CommandError
from localcloud.server import LocalCloud
from ops.retire.pins import keep_images, release_images, undo_retirement
from ops.retire.table import preview_retirement
from ops.session import Account
from shared.domain.image_marks import PIN
from shared.domain.image_tags import STATE
from shared.domain.plans import Plans
from shared.wiring import open_cloud


def silently(text: str) -> None:
    pass


FULL = {f"key-{number}": "x" for number in range(20)}


def account(cloud: LocalCloud, **retire: Any) -> Account:
    settings = settings_for(cloud)
    plans = Plans.model_validate({"region": "cn-hangzhou", "plans": [plan_of(**retire)]})
    return Account(settings, plans, open_cloud(settings, CloudClock(cloud)))


def test_the_command_shows_what_is_kept_and_what_goes_when(tmp_path: Path) -> None:
    plans = tmp_path / "plans.yaml"
    plans.write_text(yaml.safe_dump({"region": "cn-hangzhou", "plans": [plan_of(mode="delete")]}))
    images = (old_image(0), old_image(1), old_image(2), deprecated(30, since_days=2))
    with LocalCloud(world_of(*images)) as cloud:
        options = ("--dry-run", "--json", "--endpoint", cloud.endpoint, "--plans", str(plans))
        shown = json.loads(run_command("retire", *options).stdout)

    rows = [(row["image_id"], row["step"], row["reasons"], row["until"]) for row in shown["images"]]
    assert rows == [
        ("m-0", "kept", ["the newest good image of its disk", "last"], None),
        ("m-1", "kept", ["last"], None),
        ("m-2", "to_deprecate", [], None),
        ("m-30", "in_grace", [], "2026-12-02T21:00:00Z"),
    ]


def test_a_table_says_which_plan_does_what() -> None:
    lines: list[str] = []
    with LocalCloud(world_of(old_image(0), old_image(1), old_image(2))) as cloud:
        preview_retirement(account(cloud), False, lines.append)

    assert lines[-3:] == ["", "plan web (report): 3 images", "2 kept, 1 to deprecate, 0 left alone"]
    assert lines[3].endswith("would be deprecated by the next run")


def test_a_pin_brings_an_image_back_and_keeps_it() -> None:
    with LocalCloud(world_of(old_image(0), deprecated(30, since_days=9))) as cloud:
        said: list[str] = []
        done = keep_images(["m-30"], account(cloud), said.append)

        image = cloud.ecs.store.images["m-30"]
        assert (done, said) == (True, ["m-30: kept, and available again"])
        assert (image.outcome, image.tags[PIN], image.tags[STATE]) == ("Available", "yes", "checked")


def test_a_pin_finds_room_where_all_tags_are_taken() -> None:
    image = old_image(1)
    full = image | {"tags": {**FULL, **image["tags"]}}
    full["tags"] = dict(list(full["tags"].items())[-20:])
    with LocalCloud(world_of(full)) as cloud:
        keep_images(["m-1"], account(cloud), silently)

        assert cloud.ecs.store.images["m-1"].tags[STATE] == "checked pinned"


def test_a_pin_is_taken_off_in_either_form() -> None:
    image = old_image(1)
    both = image | {"tags": image["tags"] | {PIN: "yes", STATE: "checked pinned"}}
    with LocalCloud(world_of(both)) as cloud:
        release_images(["m-1"], account(cloud), silently)

        tags = cloud.ecs.store.images["m-1"].tags
        assert (PIN in tags, tags[STATE]) == (False, "checked")


def test_undo_makes_an_image_available_again() -> None:
    with LocalCloud(world_of(old_image(0), deprecated(30, since_days=9))) as cloud:
        done = undo_retirement(["m-30", "m-0", "m-none"], account(cloud), silently)

        image = cloud.ecs.store.images["m-30"]
        assert (done, image.outcome, image.tags[STATE]) == (False, "Available", "checked")


def test_without_a_plan_that_retires_there_is_nothing_to_show() -> None:
    with LocalCloud(world_of(old_image(0))) as cloud, pytest.raises(CommandError, match="nothing is ever retired"):
        preview_retirement(account(cloud, mode="off"), False, silently)


def test_a_look_costs_two_calls_for_a_hundred_images_and_one_for_each_template() -> None:
    """In full: python -m bench.retirement. Apart from this process, whose peak a child would inherit (proc(5))."""
    ask = (
        "from bench.retirement import measure_dry_run as m; f = m(20, 5); print(f.images, sum(f.calls.values()), f.mib)"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=100, check=True).stdout
    images, calls, mib = map(float, told.split())

    assert (images, calls) == (280, 6 + 1 + 1 + 5 + 1 + 1)
    assert mib < 256
