"""With what the vendor's SDK is opened: an endpoint, our keys, bounds, and silence."""

import logging
from typing import Any

import pytest
from fakes.builders import ACCOUNT

from shared.adapters.sdk_client import open_client
from shared.settings import Settings


def opened(endpoint: str | None = None, token: str = "sentinel-token") -> Any:
    """What the SDK's class is given."""
    settings = Settings(
        ACCOUNT, "cn-hangzhou", "sentinel-id", "sentinel-secret", "x", "x", "x", token
    )  # fmt: skip
    return open_client(lambda config: config, settings, endpoint)


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [
        ("https://ecs.vpc", ("ecs.vpc", "HTTPS")),
        ("http://127.0.0.1:9", ("127.0.0.1:9", "HTTP")),
        ("ecs.vpc", ("ecs.vpc", "HTTPS")),
        (None, (None, None)),
    ],
)
def test_an_endpoint_without_a_scheme_is_asked_over_tls(endpoint: str | None, place: tuple[str, str]) -> None:
    config = opened(endpoint)

    assert (config.endpoint, config.protocol) == place
    assert config.region_id == "cn-hangzhou"


def test_a_lost_reply_is_given_up_after_twenty_seconds_and_a_lost_connection_after_five() -> None:
    config = opened()

    assert (config.connect_timeout, config.read_timeout) == (5_000, 20_000)


@pytest.mark.parametrize(("token", "sent"), [("sentinel-token", "sentinel-token"), ("", None)])
def test_the_keys_are_ours_and_a_token_is_sent_where_there_is_one(token: str, sent: str | None) -> None:
    keys = opened(token=token).credential.get_credential()

    assert (keys.access_key_id, keys.access_key_secret, keys.security_token) == ("sentinel-id", "sentinel-secret", sent)
    assert (keys.type, keys.provider_name) == ("sts", None)


def test_no_secret_is_in_a_representation_of_the_keys() -> None:
    assert repr(opened().credential).count("sentinel") == 1  # the id


@pytest.mark.parametrize("name", ["darabonba-core", "alibabacloud-tea"])
def test_the_sdk_logs_nothing_even_when_it_is_told_to_log_all(name: str) -> None:
    logging.getLogger(name).setLevel(logging.DEBUG)

    opened()

    assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
