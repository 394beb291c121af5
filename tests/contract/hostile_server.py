"""A server on loopback that answers whatever a test wants, down to the bytes, and remembers what it was asked."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Misbehave = Callable[["Conversation"], None]


@dataclass
class Conversation:
    """One connection: what was asked, and a way to send that ends quietly when the client has hung up."""

    connection: socket.socket
    request: bytes
    ended: threading.Event
    sent: int = 0

    def send(self, piece: bytes) -> bool:
        """Whether to go on. What is counted was taken over by the sockets in between, not necessarily read."""
        try:
            self.connection.sendall(piece)
        except OSError:
            return False
        self.sent += len(piece)
        return not self.ended.is_set()


@dataclass
class HostileServer:
    answer: Misbehave
    conversations: list[Conversation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self._listener.accept()
                self._talk(connection)

    def stop(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            conversation = Conversation(connection, _request(connection), self._ended)
            self.conversations.append(conversation)
            self.answer(conversation)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def hostile(answer: Misbehave) -> Iterator[HostileServer]:
    server = HostileServer(answer)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


def reply(body: bytes, status: int = 200, length: object = None, **headers: str) -> Misbehave:
    """An answer with these bytes; `length` is what Content-Length says about them."""
    return raw(_head(status, {"content-length": str(len(body) if length is None else length), **headers}) + body)


def raw(*pieces: bytes) -> Misbehave:
    """Exactly these bytes, and then the end of the connection."""
    return lambda conversation: _send_all(conversation, iter(pieces))


def endless(piece: bytes, status: int = 200, pause: float = 0, encoding: str = "identity") -> Misbehave:
    """A body without length and without end; `pause` seconds between its pieces."""

    def pieces(conversation: Conversation) -> Iterator[bytes]:
        yield _head(status, {"transfer-encoding": encoding} if encoding != "identity" else {})
        while not conversation.ended.wait(pause):
            yield piece

    return lambda conversation: _send_all(conversation, pieces(conversation))


def chunked(piece: bytes, status: int = 200) -> Misbehave:
    """The same in chunks, as HTTP/1.1 has them."""
    return endless(f"{len(piece):x}\r\n".encode() + piece + b"\r\n", status, encoding="chunked")


def _send_all(conversation: Conversation, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        if not conversation.send(piece):
            return


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode()


def _request(connection: socket.socket) -> bytes:
    """Head and body, as far as they come."""
    received = b""
    with contextlib.suppress(OSError):
        while not _is_whole(received) and (some := connection.recv(65536)):
            received += some
    return received


def _is_whole(received: bytes) -> bool:
    head, end, body = received.lower().partition(b"\r\n\r\n")
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    return bool(end) and len(body) >= int(length or b"0")
