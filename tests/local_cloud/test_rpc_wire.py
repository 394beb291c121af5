"""The ECS wire as older clients speak it: RPC, signed with HMAC-SHA1 in the query or in a form."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import datetime, timezone
from urllib.parse import quote, urlencode

import pytest
from hand_signed import HttpAnswer, ask

from localcloud.acs_signature import SignatureRefused
from localcloud.faults import PlantedFault
from localcloud.rpc_signature import verify
from localcloud.server import LocalCloud
from localcloud.wire import Request

FORM = {"content-type": "application/x-www-form-urlencoded"}


def signed(cloud: LocalCloud, method: str = "GET", **changes: str | None) -> dict[str, str]:
    """The parameters of DescribeImages; None leaves one out."""
    given: dict[str, str | None] = {
        "Action": "DescribeImages",
        "Version": "2014-05-26",
        "RegionId": "cn-hangzhou",
        "Format": "JSON",
        "AccessKeyId": cloud.access_key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": secrets.token_hex(16),
        "Timestamp": datetime.fromtimestamp(time.time(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    said = {name: value for name, value in (given | changes).items() if value is not None}
    asked = "&".join(f"{quote(name, safe='~')}={quote(said[name], safe='~')}" for name in sorted(said))
    to_sign = f"{method}&%2F&{quote(asked, safe='~')}"
    digest = hmac.new(f"{cloud.access_key_secret}&".encode(), to_sign.encode(), hashlib.sha1).digest()
    return said | {"Signature": base64.b64encode(digest).decode()}


def get(cloud: LocalCloud, said: dict[str, str]) -> HttpAnswer:
    return ask(cloud, "GET", f"/?{urlencode(said)}")


def refusal(answer: HttpAnswer) -> tuple[int, str]:
    return answer.status, answer.json["Code"]


def test_the_vendors_own_example_is_verified() -> None:
    """ECS API reference, "Request signatures": everything but the format, XML, is as the local cloud takes it."""
    example = {
        "Timestamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
        "Signature": "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
    }
    request = Request("GET", f"/?{urlencode(example)}", {})
    at = datetime(2016, 2, 23, 12, 50, tzinfo=timezone.utc).timestamp()

    with pytest.raises(SignatureRefused, match=r"InvalidParameter\.Format"):
        verify(request, {"testid": "testsecret"}, at)


def test_a_call_in_the_query_is_served(cloud: LocalCloud) -> None:
    answer = get(cloud, signed(cloud, ImageName="每日 a+b*~", SecurityToken="a token/+="))

    assert (answer.status, answer.json["TotalCount"]) == (200, 0)


def test_a_call_in_a_form_is_served(cloud: LocalCloud) -> None:
    said = signed(cloud, "POST", Action="CreateImage", SnapshotId="s-web1sys")

    answer = ask(cloud, "POST", "/", urlencode(said).encode(), FORM)

    assert answer.json["ImageId"] in cloud.ecs.store.images


def test_a_call_meets_the_faults_of_its_action_and_is_in_the_journal(cloud: LocalCloud) -> None:
    error = {"status": 503, "code": "ServiceUnavailable", "message": "down"}
    cloud.faults.plant([PlantedFault.model_validate({"action": "DescribeImages", "error": error})])

    answer = get(cloud, signed(cloud))

    assert refusal(answer) == (503, "ServiceUnavailable")
    assert [(call.service, call.action) for call in cloud.journal.calls()] == [("ecs", "DescribeImages")]


@pytest.mark.parametrize(
    "name", ["SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp", "AccessKeyId", "Signature"]
)
def test_a_missing_parameter_is_named(cloud: LocalCloud, name: str) -> None:
    said = signed(cloud)
    del said[name]

    answer = get(cloud, said)

    assert refusal(answer) == (400, "MissingParameter")
    assert answer.json["Message"] == f"The parameter {name} is required."


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"AccessKeyId": "LTAInobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"Timestamp": "yesterday"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2016-02-23T12:46:24Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"SignatureMethod": "HMAC-SHA256"}, 400, "InvalidParameter.SignatureMethod"),
        ({"SignatureVersion": "2.0"}, 400, "InvalidParameter.SignatureVersion"),
        ({"SignatureType": "BEARERTOKEN"}, 400, "InvalidParameter.SignatureType"),
        ({"Format": "XML"}, 400, "InvalidParameter.Format"),
        ({"Format": None}, 400, "InvalidParameter.Format"),
        ({"Action": "RebootInstance"}, 404, "InvalidAction.NotFound"),
        ({"Version": "2016-03-14"}, 400, "InvalidVersion"),
        ({"Colour": "red"}, 400, "LocalCloud.UnknownParameter"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(
    cloud: LocalCloud, changes: dict[str, str | None], status: int, code: str
) -> None:
    assert refusal(get(cloud, signed(cloud, "GET", **changes))) == (status, code)


def test_a_parameter_that_was_changed_after_signing_is_refused(cloud: LocalCloud) -> None:
    answer = get(cloud, signed(cloud) | {"PageSize": "5"})

    assert refusal(answer) == (400, "SignatureDoesNotMatch")
    assert cloud.access_key_secret not in json.dumps(answer.json)


def test_a_replayed_nonce_is_refused(cloud: LocalCloud) -> None:
    said = signed(cloud)

    first, second = get(cloud, said), get(cloud, said)

    assert first.status == 200
    assert refusal(second) == (400, "SignatureNonceUsed")
