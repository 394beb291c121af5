"""A reply of MNS with bounds that neither distribution of its SDK sets: size, time, and no document type.

Older versions of expat unpack nested entities without limit, so a
reply that declares any is refused before it is parsed.
"""

import re
import time
from http.client import HTTPResponse, IncompleteRead

LARGEST_REPLY = 64 * 1024
"""Of an answer to who sends: a few hundred bytes."""
LARGEST_BATCH = 8 * 1024 * 1024
"""Of an answer to who reads: 16 messages of 64 KiB, the most that MNS gives at once, every letter of them escaped."""
LONGEST_REPLY_SECONDS = 15.0
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)|\0", re.IGNORECASE)
"""A zero byte, because in UTF-16 the letters would stand apart."""


class BoundedResponse(HTTPResponse):
    largest = LARGEST_REPLY

    def read(self, amt: int | None = None) -> bytes:
        """The whole body; OSError when it cannot be an answer of MNS."""
        if amt is not None:
            return super().read(amt)
        body, deadline = bytearray(), time.monotonic() + LONGEST_REPLY_SECONDS
        while piece := self.read1(LARGEST_REPLY):
            body += piece
            if len(body) > self.largest or time.monotonic() > deadline:
                raise OSError(f"a reply of more than {len(body)} bytes, too large or too slow")
        if self.length:
            raise IncompleteRead(b"", self.length)
        if DECLARES.search(body):
            raise OSError("a reply that declares a document type or is not UTF-8")
        return bytes(body)


class BoundedBatch(BoundedResponse):
    largest = LARGEST_BATCH
