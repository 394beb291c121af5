"""What Function Compute refuses, with its codes and where they are from."""

from localcloud.wire import ApiRefusal


class FcError(ApiRefusal):
    """By Function Compute."""


# FC help, "Error codes": status, code and message.
def invalid_argument(message: str) -> FcError:
    return FcError(400, "InvalidArgument", message)


def missing_header(name: str) -> FcError:
    return FcError(400, "MissingRequiredHeader", f"required HTTP header {name} was not specified")


def path_not_supported(path: str, method: str) -> FcError:
    return FcError(400, "PathNotSupported", f"'{path}' against '{method}' is not supported")


def entity_too_large(most: int) -> FcError:
    return FcError(400, "EntityTooLarge", f"payload size exceeds maximum allowed size ({most} bytes)")


def signature_mismatch() -> FcError:
    message = "The request signature we calculated does not match the signature you provided."
    return FcError(403, "SignatureNotMatch", f"{message} Check your access key and signing method")


def invalid_access_key(key_id: str) -> FcError:
    return FcError(403, "InvalidAccessKeyID", f"invalid access key ID '{key_id}'")


def service_not_found(service: str) -> FcError:
    return FcError(404, "ServiceNotFound", f"service '{service}' does not exist")


def function_not_found(function: str, service: str | None) -> FcError:
    """The code is the example of the FC 3.0 API's struct Error."""
    where = f" in service '{service}'" if service else ""
    return FcError(404, "FunctionNotFound", f"function '{function}' does not exist{where}")


def version_not_found(qualifier: str) -> FcError:
    return FcError(404, "VersionNotFound", f"version '{qualifier}' does not exist: the local cloud has LATEST only")


# FC help, "Task deduplication", says 409 and no code. Both codes of 2021-04-06 are tested for in public Go clients, the
# 404 of 2023-03-30 in a public Python client; its 409 is assumed to be spelt alike.
def task_exists(code: str, task_id: str) -> FcError:
    return FcError(409, code, f"task '{task_id}' already exists")


def task_not_found(code: str, task_id: str) -> FcError:
    return FcError(404, code, f"task '{task_id}' does not exist")


def invocation_disabled(function: str, reason: str) -> FcError:
    """No page says how an invocation of a disabled function is refused: status, code and message are ours."""
    return FcError(403, "FunctionInvocationDisabled", f"invocations of function '{function}' are disabled: {reason}")
