"""The status queue as the MNS SDK spells it."""

from typing import TYPE_CHECKING

from shared.adapters.mns_connection import QueueAccess, QueueError, connect_queue
from shared.domain.errors import Transient
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.domain.message import StatusMessage


class MnsQueue:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def publish(self, message: "StatusMessage") -> None:
        """Every refusal is Transient: a queue that is missing or forbidden must cost a retry, never a fact."""
        connection = connect_queue(self._access())
        from mns.queue import Message

        body = Message(message.to_json())
        try:
            connection.call(lambda queue: queue.send_message(body))
        except QueueError as error:
            text = f"message not published: {error.said}"
            raise Transient(f"MNS.{error.code}", text, 0, error.request_id) from None

    def _access(self) -> QueueAccess:
        settings = self._settings
        keys = (settings.access_key_id, settings.access_key_secret, settings.security_token)
        return QueueAccess(settings.mns_endpoint, *keys, settings.status_queue)
