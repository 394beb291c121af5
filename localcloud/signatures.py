"""Who signed a request to ECS, in either style of signature, and never twice with one nonce."""

import threading
from collections.abc import Mapping

from localcloud import acs_signature, rpc_signature
from localcloud.acs_signature import LONGEST_SKEW_SECONDS, SignatureRefused
from localcloud.wire import Request


class Signatures:
    """`keys`: access key id to secret."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], float] = {}
        """When each nonce of each key was used, oldest first."""

    def verify(self, request: Request, now: float) -> str:
        """Return the id of the access key that signed, or raise SignatureRefused. `now` is real time."""
        if request.arrived is not None:
            key_id, nonce = rpc_signature.verify(request.arrived, self._keys, now)
        else:
            key_id = acs_signature.verify(request, self._keys, now)
            nonce = request.headers["x-acs-signature-nonce"]
        self._use(key_id, nonce, now)
        return key_id

    def _use(self, key_id: str, nonce: str, now: float) -> None:
        """Only what was signed uses a nonce up. Code and message: Server Load Balancer help, "Error codes"."""
        with self._lock:
            self._forget(now)
            if (key_id, nonce) in self._used:
                raise SignatureRefused(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
            self._used[key_id, nonce] = now

    def _forget(self, now: float) -> None:
        """A date may be as far ahead as it may be old, so twice that later no copy of the request is accepted."""
        while self._used:
            oldest = next(iter(self._used))
            if now - self._used[oldest] <= 2 * LONGEST_SKEW_SECONDS:
                return
            del self._used[oldest]
