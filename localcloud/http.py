"""HTTP/1.1 on the loopback interface: h11 reads and writes the messages, and each connection has a thread.

h11, because a planted fault closes a connection without a byte of reply, which the servers that bring their own sockets
(waitress, uvicorn) do not offer, and because a pool of threads (waitress, cheroot) is soon full of 30-second long polls.
"""

import socket
import sys
import threading
from collections.abc import Callable
from email.utils import formatdate
from http.client import responses
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import h11

from localcloud.wire import LARGEST_BODY, ConnectionDropped, Request, Response, request_line

_LARGEST_HEAD = 128 * 1024
_MOST_DRAINED = 16 * LARGEST_BODY
_LINGER_SECONDS = 2

Respond = Callable[[Request], Response]
Refuse = Callable[[Request, int, str], Response]


class _Unreadable(Exception):
    """What follows on this connection cannot be told apart from what was refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Handler(BaseRequestHandler):
    """Serves one connection until either side closes it."""

    server: "LoopbackServer"
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(self.server.idle_timeout)
        self._http = h11.Connection(h11.SERVER, _LARGEST_HEAD)
        self._start = b""
        """As much of a request as arrived before h11 told of it."""

    def handle(self) -> None:
        try:
            while self._serve_one():
                self._http.start_next_cycle()
                self._start = self._http.trailing_data[0]
        except ConnectionDropped:
            return
        except h11.RemoteProtocolError as error:
            self._refuse(_Unreadable(error.error_status_hint, str(error)))
        except _Unreadable as refusal:
            self._refuse(refusal)

    def _serve_one(self) -> bool:
        """Whether the connection can serve another one."""
        head = self._next_event()
        if not isinstance(head, h11.Request):
            return False
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        target = head.target.decode("ascii")
        if not target.startswith("/"):
            raise _Unreadable(400, f"the request target {target!r} does not begin with a slash (RFC 9112, 3.2.1)")
        body = self._read_body(int(headers.get("content-length", "0")))
        self._send(self.server.respond(Request(head.method.decode("ascii"), target, headers, body)), head.method)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _read_body(self, announced: int) -> bytes:
        body = bytearray()
        while max(announced, len(body)) <= LARGEST_BODY:
            event = self._next_event()
            if not isinstance(event, h11.Data):
                return bytes(body)
            body += event.data
        raise _Unreadable(413, f"a body of {max(announced, len(body))} bytes is larger than {LARGEST_BODY}")

    def _next_event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value] # a sentinel is its own type
            if self._http.they_are_waiting_for_100_continue:
                # RFC 9110, 10.1.1. Who waits for it sends the body after a second or so all the same.
                self._write(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
            received = self.request.recv(65536)
            if self._http.their_state is h11.IDLE:
                self._start += received
            self._http.receive_data(received)

    def _refuse(self, refusal: _Unreadable) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        method, target = request_line(self._start)
        response = self.server.refuse(Request(method, target, {}), refusal.status, str(refusal))
        self._send(response, method.encode(), {"Connection": "close"})
        self._drain()

    def _drain(self) -> None:
        """Closing a socket with unread bytes resets it, and the client would never see why it was refused."""
        self.request.shutdown(socket.SHUT_WR)
        self.request.settimeout(_LINGER_SECONDS)
        left = _MOST_DRAINED
        while left > 0 and (chunk := self.request.recv(65536)):
            left -= len(chunk)

    def _send(self, response: Response, method: bytes, more: dict[str, str] | None = None) -> None:
        """One write, because what is sent in pieces is seen in pieces."""
        headers = {"Server": "localcloud", "Date": formatdate(usegmt=True), **response.headers, **(more or {})}
        if response.status != 204:  # RFC 9110 8.6: no Content-Length with 204
            headers["Content-Length"] = str(len(response.body))
        body = b"" if method == b"HEAD" or response.status == 204 else response.body
        reason = responses.get(response.status, "").encode()
        head = h11.Response(status_code=response.status, headers=list(headers.items()), reason=reason)
        self._write(head, h11.Data(data=body), h11.EndOfMessage())

    def _write(self, *events: h11.Event) -> None:
        self.request.sendall(b"".join(self._http.send(event) or b"" for event in events))


class LoopbackServer(ThreadingTCPServer):
    """Listens on 127.0.0.1 only; port 0 takes any free port. `refuse` words what could not be read as a request."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, respond: Respond, refuse: Refuse, idle_timeout: float | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.respond = respond
        self.refuse = refuse
        self.idle_timeout = idle_timeout
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread = threading.Thread(target=self._accept, name="localcloud", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close what clients keep open, so that no pooled connection reaches a stopped cloud."""
        with self._open_lock:
            self._stopping = True
            for connection in self._open:
                _shut(connection)
        if self._thread is not None:
            socket.create_connection(
                ("127.0.0.1", self.server_address[1])
            ).close()  # what waits for a connection gets one
            self._thread.join()
        self.server_close()

    def _accept(self) -> None:
        """Without `serve_forever`, which would look for its end again and again, and be waited for at each."""
        while not self._stopping:
            self.handle_request()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
            late = self._stopping
        if late:
            self.shutdown_request(request)
        else:
            super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is not news; anything else is a defect of the local cloud and must be seen.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
