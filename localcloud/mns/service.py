"""One MNS request in, one response out: who may ask, what is asked, and how the answer is dressed."""

import secrets
import time
from collections.abc import Callable, Mapping

from localcloud.clock import MovableClock
from localcloud.mns import message_operations as messages
from localcloud.mns import queue_operations as queues
from localcloud.mns.calls import MnsCall, MnsReply
from localcloud.mns.errors import MnsError
from localcloud.mns.permissions import check_permission
from localcloud.mns.routing import route
from localcloud.mns.signature import authenticate, check_digest
from localcloud.mns.state import QueueStore
from localcloud.mns.xml import node, nodes_of, render
from localcloud.wire import Request, Response

_VERSION = "2015-06-06"
_CONTENT_TYPES = ("text/xml", "application/xml")
# help.aliyun.com 27485, and x-mns-user-request-id from the Python SDK.
_HEADERS = frozenset({"x-mns-version", "x-mns-date", "x-mns-user-request-id"})
_OPERATIONS: dict[str, Callable[[MnsCall], MnsReply]] = {
    "CreateQueue": queues.create_queue,
    "SetQueueAttributes": queues.set_queue_attributes,
    "GetQueueAttributes": queues.get_queue_attributes,
    "DeleteQueue": queues.delete_queue,
    "SendMessage": messages.send_message,
    "ReceiveMessage": messages.receive_message,
    "BatchPeekMessage": messages.batch_peek_message,
    "DeleteMessage": messages.delete_message,
}


class MnsService:
    """`keys`: access key id to secret, and policies if they are RAM's `Keys`.

    `wait`: the longest time in real seconds before a long poll looks again.
    """

    def __init__(
        self, clock: MovableClock, account_id: str, region: str, keys: Mapping[str, str], wait: float = 0.05
    ) -> None:
        self.queues = QueueStore(clock, wait)
        self._keys = keys
        # help.aliyun.com 27501 shows the regional endpoint as HostId; queue URLs begin with the account.
        self._host_id = f"mns.{region}.aliyuncs.com"
        self._account_host = f"{account_id}.{self._host_id}"
        self._owner = f"acs:mns:{region}:{account_id}:"

    def handle(self, request: Request) -> Response:
        try:
            return _dress(self._answer(request), _new_request_id())
        except MnsError as error:
            return self.error(error.status, error.code, error.message)

    def action_of(self, request: Request) -> str:
        try:
            return route(request).action
        except MnsError:
            return "Unknown"

    def error(self, status: int, code: str, message: str) -> Response:
        """help.aliyun.com 27501: always these four elements."""
        request_id = _new_request_id()
        said = {"Code": code, "Message": message, "RequestId": request_id, "HostId": self._host_id}
        return _dress(MnsReply(status, node("Error", *nodes_of(said))), request_id)

    def close(self) -> None:
        """Ends every long poll at once."""
        self.queues.close()

    def _answer(self, request: Request) -> MnsReply:
        _check_headers(request)
        key_id = authenticate(request, self._keys, time.time)
        check_digest(request)
        operation = route(request)
        check_permission(self._keys, key_id, operation, self._owner)
        base_url = f"http://{request.headers.get('host') or self._account_host}"
        return _OPERATIONS[operation.action](MnsCall(self.queues, request, operation, base_url))


def _check_headers(request: Request) -> None:
    """help.aliyun.com 27485. Not every SDK sends a Content-Type; one that is sent must be XML."""
    version = request.headers.get("x-mns-version", "")
    if not version:
        raise MnsError("MissingVersionHeader")
    if version != _VERSION:
        raise MnsError("InvalidVersionHeader", version)
    content_type = request.headers.get("content-type", "")
    if request.body and content_type and content_type.partition(";")[0].strip().lower() not in _CONTENT_TYPES:
        raise MnsError("InvalidContentType", content_type)
    for name in request.headers:
        if name.startswith("x-mns-") and name not in _HEADERS:
            raise MnsError("InvalidArgument", f"The header {name} is not known.")


def _dress(reply: MnsReply, request_id: str) -> Response:
    """help.aliyun.com 27485: both x-mns headers are on every response."""
    headers = {
        "Content-Type": "text/xml;charset=utf-8",
        "x-mns-request-id": request_id,
        "x-mns-version": _VERSION,
    }
    if reply.location:
        headers["Location"] = reply.location
    return Response(reply.status, render(reply.body) if reply.body else b"", headers)


def _new_request_id() -> str:
    """help.aliyun.com 27485: 24 upper-case hexadecimal digits."""
    return secrets.token_hex(12).upper()
