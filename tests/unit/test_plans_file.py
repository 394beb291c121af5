"""The file between the build and a function: what is told from its front, and what a mistake in it says."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.builders import ACCOUNT, REGION, plan

from shared.domain.errors import ConfigurationError
from shared.domain.plans import Plans
from shared.domain.rules import Outline
from shared.settings import Settings, compile_plans, read_rules

QUIET = plan("quiet", notify={"skipped": False}, source={"snapshot_types": ["copied"]})
PLANS = Plans(region=REGION, plans=(plan("web"), QUIET))
SETTINGS = Settings(
    account_id=ACCOUNT,
    region_id=REGION,
    access_key_id="key",
    access_key_secret="secret",
    mns_endpoint="http://127.0.0.1:1",
    status_queue="status",
    plans_file="plans.json",
    lookback_hours=48,
)


def settings_with(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "plans.json"
    file.write_text(text)
    return replace(SETTINGS, plans_file=str(file))


def edited(**changes: Any) -> str:
    return json.dumps(json.loads(compile_plans(PLANS)) | changes)


def test_what_a_build_wrote_is_read_back(tmp_path: Path) -> None:
    rules = read_rules(settings_with(tmp_path, compile_plans(PLANS)))

    assert rules.outline == Outline(frozenset({"timer", "user", "copied"}), announces_skips=True)
    assert (rules.account_id, rules.region_id, rules.lookback) == (ACCOUNT, REGION, timedelta(days=2))
    assert rules.plans == PLANS


def test_the_plans_stand_there_in_the_words_of_the_operators_file() -> None:
    text = compile_plans(Plans(region=REGION, plans=(plan(data_disks={"take": "attached", "except": ["d-1"]}),)))

    assert json.loads(text)["plans"][0]["data_disks"]["except"] == ["d-1"]


def test_plans_that_all_want_silence_say_so_in_front(tmp_path: Path) -> None:
    rules = read_rules(settings_with(tmp_path, compile_plans(Plans(region=REGION, plans=(QUIET,)))))

    assert rules.outline == Outline(frozenset({"copied"}), announces_skips=False)


def test_the_plans_are_checked_only_when_they_are_asked_for(tmp_path: Path) -> None:
    rules = read_rules(settings_with(tmp_path, edited(plans=[{"name": "1 bad name"}])))

    with pytest.raises(ConfigurationError, match=r"is wrong at plans\.0\.name"):
        _ = rules.plans


def test_a_file_whose_front_and_plans_differ_is_refused(tmp_path: Path) -> None:
    rules = read_rules(settings_with(tmp_path, edited(snapshot_types=["timer"])))

    with pytest.raises(ConfigurationError, match="was edited after `snapimage build`"):
        _ = rules.plans


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    _ = read_rules(settings_with(tmp_path, compile_plans(PLANS))).plans
    other = Plans(region=REGION, plans=(plan("other"),))

    assert read_rules(settings_with(tmp_path, compile_plans(other))).plans == other


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"region": "cn-hangzhou", "plans": []}'])
def test_a_file_that_no_build_wrote_is_a_mistake_of_the_deployment(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="was not written by `snapimage build`"):
        read_rules(settings_with(tmp_path, text))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"/nowhere/plans\.json: No such file"):
        read_rules(replace(SETTINGS, plans_file="/nowhere/plans.json"))


def test_plans_of_another_region_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the plans are for cn-beijing"):
        read_rules(settings_with(tmp_path, edited(region="cn-beijing")))
