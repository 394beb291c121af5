"""Where an operator's command works, from the environment: a real account, its number and its keys."""

from pathlib import Path

import pytest

from files.errors import CommandError
from ops.account import QUEUES, open_account
from ops.invoke import FUNCTIONS_ENDPOINT
from ops.keys import KEY, SECRET, TOKEN, find_keys
from ops.operate.switch import find_functions


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    file = tmp_path / "plans.yaml"
    file.write_text("region: cn-hangzhou\nplans: [{name: all}]\n")
    return file


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's keys, and no question to a machine's metadata service."""
    for name in (KEY, SECRET, TOKEN, QUEUES, FUNCTIONS_ENDPOINT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def use_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {KEY: "LTAIenv", SECRET: "of-the-environment", TOKEN: "a-token"}.items():
        monkeypatch.setenv(name, text)


def test_keys_of_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch)

    assert find_keys() == ("LTAIenv", "of-the-environment", "a-token")


def test_the_account_is_the_one_of_the_queues(monkeypatch: pytest.MonkeyPatch, plans: Path) -> None:
    use_keys(monkeypatch)
    monkeypatch.setenv(QUEUES, "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com")

    account = open_account(None, plans, tells=True)

    assert (account.settings.account_id, account.settings.region_id) == ("1234567890123456", "cn-hangzhou")
    assert find_functions(account, None).endpoint == "https://1234567890123456.cn-hangzhou.fc.aliyuncs.com"


def test_queues_that_name_no_account_are_refused(monkeypatch: pytest.MonkeyPatch, plans: Path) -> None:
    use_keys(monkeypatch)
    monkeypatch.setenv(QUEUES, "https://queues.example.com")

    with pytest.raises(CommandError, match="does not name the account"):
        open_account(None, plans, tells=True)


def test_the_functions_of_an_account_that_nobody_names_are_not_guessed(
    monkeypatch: pytest.MonkeyPatch, plans: Path
) -> None:
    use_keys(monkeypatch)
    account = open_account(None, plans, tells=False)

    with pytest.raises(CommandError, match="set SNAPIMAGE_MNS_ENDPOINT as for `s deploy`, or SNAPIMAGE_FC_ENDPOINT"):
        find_functions(account, None)
