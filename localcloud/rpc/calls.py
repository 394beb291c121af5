"""What an operation of the small RPC services is given, and how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl


class RpcError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class RpcCall:
    """`parameters` are those of the query."""

    action: str
    key_id: str
    parameters: Mapping[str, str]

    def required(self, name: str) -> str:
        value = self.parameters.get(name, "")
        if not value:
            raise RpcError(400, f"Missing{name}", f"{name} is mandatory for this action.")
        return value

    def check_names(self, *known: str) -> None:
        """Beyond what the vendor documents: what is not known here is refused by name."""
        if unknown := sorted(self.parameters.keys() - set(known)):
            raise RpcError(400, "InvalidParameter", f"{self.action} of the local cloud knows no {', '.join(unknown)}")


def parameters_of(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))
