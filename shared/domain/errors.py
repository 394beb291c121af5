"""The ways in which the cloud can say no, and what each asks of us.

CloudError
├── Transient            nothing is decided: tried again
│   ├── Throttled        the minute's calls are used up: left to the sweep
│   └── OutcomeUnknown   no reply came back; the call may have been carried out
└── Refused              caught by the flow and told
    ├── Curable          somebody can remove the cause: told as not terminal, tried again by the sweep
    │   └── AlreadyExists    the name is taken, maybe by our own earlier attempt
    │       └── TokenTaken   another request with our token was taken before: its image is there, or was
    └── Final            known to be final: told as terminal
"""

from datetime import timedelta


class CloudError(Exception):
    """A refusal with what the cloud said: its code, its words, the HTTP status (0 without a reply), the request id."""

    def __init__(self, code: str, message: str, http_status: int = 0, request_id: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id


class Transient(CloudError):
    """Worth another try later."""


class Throttled(Transient):
    """Refused for the moment only; `retry_after` is what the cloud asked for, where it did."""

    def __init__(
        self,
        code: str,
        message: str,
        http_status: int = 0,
        request_id: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(code, message, http_status, request_id)
        self.retry_after = retry_after


class OutcomeUnknown(Transient):
    """Nobody can tell whether the call took effect: look before trying again."""


class Refused(CloudError):
    """The cloud has decided, for now or for good."""


class Curable(Refused):
    """A quota, a permission, a bill, or a code that nobody knows: it may be allowed in an hour."""


class AlreadyExists(Curable):
    """Something with this name is there already: look whether it is ours."""


class TokenTaken(AlreadyExists):
    """A request that differs had the same token."""


class Final(Refused):
    """Known never to be allowed."""


class ConfigurationError(Exception):
    """The function is deployed wrongly; the message names what to set and never shows a value."""
