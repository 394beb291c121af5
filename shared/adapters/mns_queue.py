"""The status queue as the MNS SDK spells it, on either of its two distributions.

`aliyun-mns-sdk` is the vendor's. `aliyun-mns` 1.1.5 is an old repackage with the same module name, preinstalled in FC's
python3.10, and prints the secret on every call; it must work too, and must be silent.
"""

from typing import TYPE_CHECKING

from shared.adapters.foreign_text import credentials, repeatable
from shared.adapters.late_imports import put_off
from shared.adapters.mns_reply import BoundedResponse
from shared.domain.errors import Transient
from shared.settings import Settings

if TYPE_CHECKING:
    from mns.queue import Queue

    from shared.domain.message import StatusMessage

TIMEOUT_SECONDS = 15
ODD_XML = (AttributeError, KeyError, TypeError, ValueError, RecursionError)


class MnsQueue:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def publish(self, message: "StatusMessage") -> None:
        """Every refusal is Transient: a queue that is missing or forbidden must cost a retry, never a fact."""
        put_off("logging.handlers", "xml.etree.ElementTree", "pickle")
        from mns.mns_exception import MNSExceptionBase
        from mns.queue import Message

        body = Message(message.to_json())
        try:
            self._connect().send_message(body)
            return
        except MNSExceptionBase as error:
            code, said, request_id = error.type, error.message, getattr(error, "req_id", None)
        except ODD_XML as error:  # well-formed XML of another shape than documented: the SDK does not look
            code, said, request_id = "RespDataDamaged", type(error).__name__, None
        # Raised out here, so that no traceback shows the SDK's exception: it quotes whole replies and headers.
        secrets = credentials(self._settings)
        text = f"message not published: {repeatable(said, secrets, 300)}"
        known = repeatable(request_id, secrets, 64) if request_id else None
        raise Transient(f"MNS.{repeatable(code, secrets, 64)}", text, 0, known)

    def _connect(self) -> "Queue":
        """A new connection for every message: one that idled is closed by the other side and fails the next send."""
        import mns.mns_client
        from mns.account import Account

        mns.mns_client.print = _silence  # a module's own name comes before the builtin: 1.1.5 prints the secret
        account = Account(
            self._settings.mns_endpoint.rstrip("/"),
            self._settings.access_key_id,
            self._settings.access_key_secret,
            self._settings.security_token,
        )
        client = account.get_client()
        client.set_keep_alive(False)
        client.set_connection_timeout(TIMEOUT_SECONDS)
        client.http.conn.response_class = BoundedResponse
        client.http.conn.timeout = (
            TIMEOUT_SECONDS  # over https the line above does nothing and there is no limit at all
        )
        return account.get_queue(self._settings.status_queue)


def _silence(*_: object, **__: object) -> None:
    return None
