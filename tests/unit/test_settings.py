"""The environment of a function, read once: what is missing or malformed is named, and no value is shown."""

from types import SimpleNamespace

import pytest

from shared.domain.errors import ConfigurationError
from shared.settings import VARIABLES, Settings, read_settings

ENVIRONMENT = {
    "FC_ACCOUNT_ID": "1234567890123456",
    "FC_REGION": "cn-hangzhou",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.sentinel-key",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sentinel-secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "sentinel-token",
    "SNAPIMAGE_MNS_ENDPOINT": "http://1234567890123456.mns.cn-hangzhou-internal.aliyuncs.com",
    "SNAPIMAGE_STATUS_QUEUE": "snapimage-status",
    "SNAPIMAGE_PLANS": "/code/plans.json",
}


def test_no_credential_is_in_the_representation() -> None:
    assert "sentinel" not in repr(read_settings(ENVIRONMENT))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FC_ACCOUNT_ID", "12x"),
        ("FC_REGION", "cn hangzhou"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "a key"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret\n"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "token\r\nx-acs-header: 1"),
        ("SNAPIMAGE_MNS_ENDPOINT", "mns.example.com"),
        ("SNAPIMAGE_STATUS_QUEUE", "-status"),
        ("SNAPIMAGE_ECS_ENDPOINT", "http://host/path"),
        ("SNAPIMAGE_ESS_ENDPOINT", "http://host/path"),
        ("SNAPIMAGE_QUOTA_ENDPOINT", "http://host/path"),
        ("SNAPIMAGE_LOOKBACK_HOURS", "0"),
        ("SNAPIMAGE_LOOKBACK_HOURS", "337"),
        ("SNAPIMAGE_LOOKBACK_HOURS", "1.5"),
    ],
)
def test_what_is_malformed_is_named_and_not_shown(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as mistake:
        read_settings({**ENVIRONMENT, name: text})
    assert str(mistake.value) == f"environment variable malformed: {name}"


@pytest.mark.parametrize("service", ["ecs", "ess", "quota"])
@pytest.mark.parametrize("place", ["service-vpc.cn-hangzhou.aliyuncs.com", "http://127.0.0.1:8080"])
def test_the_place_of_a_service_is_a_host_with_or_without_a_scheme(service: str, place: str) -> None:
    settings = read_settings({**ENVIRONMENT, f"SNAPIMAGE_{service.upper()}_ENDPOINT": place})

    assert getattr(settings, f"{service}_endpoint") == place


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError) as mistake:
        read_settings({"FC_REGION": "cn-hangzhou"})
    assert str(mistake.value) == f"environment variable not set: {', '.join(sorted_missing())}"


def sorted_missing() -> list[str]:
    """In the order in which the README lists them."""
    return [
        name
        for name in VARIABLES.values()
        if name in ENVIRONMENT and name not in {"FC_REGION", VARIABLES["security_token"]}
    ]


def test_a_function_looks_back_a_day_unless_it_is_told_otherwise() -> None:
    assert read_settings(ENVIRONMENT).lookback_hours == 24
    for hours in (1, 336):
        assert read_settings({**ENVIRONMENT, "SNAPIMAGE_LOOKBACK_HOURS": str(hours)}).lookback_hours == hours


def test_settings_of_a_command_look_back_as_far_and_need_no_token() -> None:
    settings = Settings("1", "cn-hangzhou", "key", "secret", "http://127.0.0.1:1", "status", "plans.json")

    assert (settings.lookback_hours, settings.security_token) == (24, "")


def test_the_keys_of_the_request_come_before_those_of_the_environment() -> None:
    """python3.10: the environment keeps the keys with which the instance began, and they expire."""
    fresh = SimpleNamespace(access_key_id="STS.fresh", access_key_secret="fresh", security_token="fresh-token")

    settings = read_settings(ENVIRONMENT, SimpleNamespace(credentials=fresh))
    assert (settings.access_key_id, settings.access_key_secret) == ("STS.fresh", "fresh")
    assert settings.security_token == "fresh-token"


def test_keys_of_the_request_without_a_token_do_not_take_the_token_of_the_environment() -> None:
    fresh = SimpleNamespace(access_key_id="STS.fresh", access_key_secret="fresh", security_token=None)

    assert read_settings(ENVIRONMENT, SimpleNamespace(credentials=fresh)).security_token == ""


@pytest.mark.parametrize("key_id", ["", "STS.half"])
def test_a_context_without_keys_leaves_those_of_the_environment(key_id: str) -> None:
    empty = SimpleNamespace(access_key_id=key_id, access_key_secret=None, security_token=None)

    assert read_settings(ENVIRONMENT, SimpleNamespace(credentials=empty)) == read_settings(ENVIRONMENT)
