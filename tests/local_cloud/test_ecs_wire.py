"""The ECS wire: who is let in, which calls are known by name, and what an error looks like."""

import time
from collections.abc import Callable

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import REGION, call, client, find_images, refusal, sendable_parameters
from hand_signed import HttpAnswer, post, signed_headers

from localcloud.ecs.service import ACTIONS
from localcloud.server import LocalCloud

QUERY = {"RegionId": REGION}
IMAGES = models.DescribeImagesRequest(region_id=REGION)


def said(answer: HttpAnswer) -> tuple[int, str]:
    return answer.status, answer.json["Code"]


def test_the_unmodified_sdk_is_let_in(cloud: LocalCloud) -> None:
    found = client(cloud).describe_images(IMAGES)

    assert (found.status_code, found.body.total_count) == (200, 2)


def test_a_security_token_is_covered_by_the_signature(cloud: LocalCloud) -> None:
    found = client(cloud, security_token="a token").describe_images(IMAGES)

    assert found.status_code == 200


def test_a_changed_security_token_is_refused(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY, {"x-acs-security-token": "a token"})

    answer = post(cloud, QUERY, headers | {"x-acs-security-token": "another"})

    assert said(answer) == (400, "SignatureDoesNotMatch")


def test_a_wrong_secret_is_refused_without_telling_the_right_one(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        client(cloud, access_key_secret="wrong").describe_images(IMAGES)

    assert refusal(caught.value) == (400, "SignatureDoesNotMatch")
    assert cloud.access_key_secret not in str(caught.value.data)


def test_an_unknown_access_key_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        client(cloud, access_key_id="LTAInobody").describe_images(IMAGES)

    assert refusal(caught.value) == (404, "InvalidAccessKeyId.NotFound")


def test_a_changed_parameter_is_refused(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)

    answer = post(cloud, QUERY | {"PageSize": "5"}, headers)

    assert said(answer) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize("name", ["x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "authorization"])
def test_a_missing_header_is_named(cloud: LocalCloud, name: str) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)
    del headers[name]

    answer = post(cloud, QUERY, headers)

    assert said(answer) == (400, "MissingParameter")
    assert name in answer.json["Message"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authorization": "ACS3-HMAC-SHA256 nothing"}, "IncompleteSignature"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "IncompleteSignature"),
        ({"x-acs-date": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"x-acs-content-sha256": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x-acs-retry-delay": "1"}, "SignatureDoesNotMatch"),
    ],
)
def test_a_header_that_was_changed_after_signing_is_refused(
    cloud: LocalCloud, changes: dict[str, str], code: str
) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)

    answer = post(cloud, QUERY, headers | changes)

    assert said(answer) == (400, code)


@pytest.mark.parametrize(("skew", "status"), [(-14 * 60, 200), (14 * 60, 200), (-16 * 60, 400), (16 * 60, 400)])
def test_a_signature_is_good_for_15_minutes_of_real_time(cloud: LocalCloud, skew: int, status: int) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY, at=time.time() + skew)

    assert post(cloud, QUERY, headers).status == status


def test_the_cloud_clock_does_not_age_signatures(cloud: LocalCloud) -> None:
    cloud.clock.advance(86400)

    assert find_images(cloud).total_count == 2


def test_another_version_is_refused_by_name(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "DescribeImages", QUERY, version="2016-03-14")

    assert refusal(caught.value) == (400, "InvalidVersion")
    assert "2016-03-14" in caught.value.data["Message"]


def test_an_unknown_action_is_refused_by_name(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "RebootInstance", QUERY)

    assert refusal(caught.value) == (404, "InvalidAction.NotFound")
    assert "RebootInstance" in caught.value.data["Message"]


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("name", ["Colour", "Tag.1.Colour", "Tag.0.Key", "regionid"])
def test_an_unknown_parameter_is_refused_by_name(cloud: LocalCloud, action: str, name: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, action, {name: "1"})

    assert refusal(caught.value) == (400, "LocalCloud.UnknownParameter")
    assert f"no parameter {name} of {action}" in caught.value.data["Message"]


def test_an_unknown_header_is_refused_by_name(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY, {"x-acs-colour": "red"})

    answer = post(cloud, QUERY, headers)

    assert said(answer) == (400, "LocalCloud.UnknownHeader")
    assert "x-acs-colour" in answer.json["Message"]


def test_parameters_in_the_body_are_refused(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "DescribeImages", {}, body=QUERY)

    assert refusal(caught.value) == (400, "LocalCloud.NotImplemented")


WITH_REGION = sorted(action for action, played in ACTIONS.items() if "RegionId" in played.parameters)


@pytest.mark.parametrize("action", WITH_REGION)
def test_an_action_that_has_a_region_needs_it(cloud: LocalCloud, action: str) -> None:
    with pytest.raises(ClientException) as missing:
        call(cloud, action, {})
    with pytest.raises(ClientException) as other:
        call(cloud, action, {"RegionId": "cn-beijing"})

    assert refusal(missing.value) == (400, "MissingParameter")
    assert refusal(other.value) == (404, "InvalidRegionId.NotFound")


def test_a_region_is_what_the_world_says(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(region="cn-beijing")

    answer = call(cloud, "DescribeImages", {"RegionId": "cn-beijing"})

    assert answer["body"]["RegionId"] == "cn-beijing"


def test_an_error_has_the_shape_of_the_vendor(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "CreateImage", QUERY)

    answer = post(cloud, QUERY, headers)

    request_id = answer.json["RequestId"]
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json;charset=utf-8")
    assert answer.json == {
        "RequestId": request_id.upper(),
        "HostId": cloud.endpoint.removeprefix("http://"),
        "Code": "MissingParameter",
        "Message": "One of SnapshotId, InstanceId and DiskDeviceMapping is required.",
        "Recommend": f"https://api.aliyun.com/troubleshoot?q=MissingParameter&product=Ecs&requestId={request_id}",
    }


@pytest.mark.parametrize("value", ["true", "True", "false", "False"])
def test_booleans_are_taken_as_json_and_as_python_spell_them(cloud: LocalCloud, value: str) -> None:
    call(cloud, "DeleteImage", QUERY | {"ImageId": "m-existing", "Force": value})

    assert "m-existing" not in cloud.ecs.store.images


def test_text_beyond_ascii_arrives_as_sent(cloud: LocalCloud) -> None:
    assert find_images(cloud, image_name="每日 a+b&c=d/ü~*").images.image == []


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_parameter_that_is_played_is_one_of_the_sdk(action: str) -> None:
    assert ACTIONS[action].parameters <= sendable_parameters(getattr(models, f"{action}Request"))


def test_a_replayed_nonce_is_refused(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)

    first, second = post(cloud, QUERY, headers), post(cloud, QUERY, headers)

    assert first.status == 200
    assert said(second) == (400, "SignatureNonceUsed")


def test_a_refused_signature_uses_no_nonce_up(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)

    refused, served = post(cloud, QUERY | {"PageSize": "5"}, headers), post(cloud, QUERY, headers)

    assert (said(refused), served.status) == ((400, "SignatureDoesNotMatch"), 200)


def test_blanks_around_a_header_value_are_not_part_of_it(cloud: LocalCloud) -> None:
    headers = signed_headers(cloud, "DescribeImages", QUERY)

    answer = post(cloud, QUERY, headers | {"x-acs-version": " \t2014-05-26 \t"})

    assert answer.status == 200
