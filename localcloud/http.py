"""HTTP/1.1 on the loopback interface: bytes to Request, Response to bytes, and nothing in between."""

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from localcloud.wire import ConnectionDropped, Request, Response

LARGEST_BODY = 2 * 1024 * 1024
"""Far above a queue message (64 KiB) and an event."""
_MOST_DRAINED = 16 * LARGEST_BODY

Respond = Callable[[Request], Response]


class Handler(BaseHTTPRequestHandler):
    """Serves one connection until either side closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "LoopbackServer"

    def setup(self) -> None:
        super().setup()
        if self.server.idle_timeout is not None:
            self.connection.settimeout(self.server.idle_timeout)

    def answer(self) -> None:
        refusal = self._refusal_by_size()
        if refusal is not None:
            # The body was not read as one, so what follows on this connection is not a request.
            self.close_connection = True
            self._send(refusal)
            self._drain()
            return
        try:
            response = self.server.respond(self._request())
        except ConnectionDropped:
            self.close_connection = True
            return
        self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815 - the base class's names

    def _refusal_by_size(self) -> Response | None:
        if "transfer-encoding" in self.headers:
            return _plain(411, "Transfer-Encoding is not supported: send Content-Length")
        length = self.headers.get("content-length", "0")
        if not length.isdecimal():
            return _plain(400, f"Content-Length is not a number: {length!r}")
        if int(length) > LARGEST_BODY:
            return _plain(413, f"a body of {length} bytes is larger than {LARGEST_BODY}")
        return None

    def _drain(self) -> None:
        """Closing a socket with unread bytes resets it, and the client would never see why it was refused."""
        self.wfile.flush()
        length = self.headers.get("content-length", "0")
        left = min(int(length), _MOST_DRAINED) if length.isdecimal() else 0
        while left > 0 and (chunk := self.rfile.read(min(left, 65536))):
            left -= len(chunk)

    def _request(self) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Request(self.command, origin_form(self.path), headers, body)

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        headers = {"Server": "localcloud", "Date": self.date_time_string(), **response.headers}
        if response.status != 204:  # RFC 9110 8.6: no Content-Length with 204
            headers["Content-Length"] = str(len(response.body))
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Request lines carry parameters, so nothing is logged."""


class LoopbackServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only; port 0 takes any free port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, respond: Respond, idle_timeout: float | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.respond = respond
        self.idle_timeout = idle_timeout
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="localcloud", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close what clients keep open, so that no pooled connection reaches a stopped cloud."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._open_lock:
            self._stopping = True
            for connection in self._open:
                _shut(connection)

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


def origin_form(target: str) -> str:
    """`http://host/path?query`, as proxies send it, is `/path?query` to the service."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path = rest[end:]
    return path if path.startswith("/") else "/" + path


def _plain(status: int, message: str) -> Response:
    return Response(status, message.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
