"""What an operation is given to work with, and what it gives back."""

from dataclasses import dataclass

from localcloud.mns.errors import MnsError
from localcloud.mns.routing import Operation
from localcloud.mns.state import QueueStore
from localcloud.mns.xml import Node, integer
from localcloud.wire import Request


@dataclass(frozen=True)
class MnsCall:
    store: QueueStore
    request: Request
    operation: Operation
    base_url: str

    @property
    def queue(self) -> str:
        return self.operation.queue

    def number(self, name: str) -> int | None:
        text = self.operation.query.get(name.lower())
        return None if text is None else integer(name, text)

    def required_number(self, name: str) -> int:
        number = self.number(name)
        if number is None:
            raise MnsError(f"Missing{name}")
        return number

    def receipt_handle(self) -> str:
        handle = self.operation.query.get("receipthandle", "")
        if not handle:
            raise MnsError("MissingReceiptHandle")
        return handle

    def queue_url(self, name: str) -> str:
        return f"{self.base_url}/queues/{name}"


@dataclass(frozen=True)
class MnsReply:
    status: int
    body: Node | None = None
    location: str = ""


NO_CONTENT = MnsReply(204)
