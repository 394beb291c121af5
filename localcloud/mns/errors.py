"""The MNS error codes, with the HTTP status and the wording that the vendor documents for each."""

# help.aliyun.com 27501 (error codes), the misspellings included. `{}` takes the element, header or value at fault.
_DOCUMENTED: dict[str, tuple[int, str]] = {
    "InvalidArgument": (400, "{}"),
    "InvalidAuthorizationHeader": (400, "The Authorization header format is invalid."),
    "InvalidDateHeader": (400, "The Date header format is invalid."),
    "InvalidDegist": (400, "The Content-MD5 you specified is invalid."),
    "InvalidQueryString": (400, "Http request URL contains invalid querystring item “{}”."),
    "InvalidQueueName": (400, "The queue name you provided is invalid: “{}”."),
    "InvalidRequestURL": (400, "Http request URL format invalid. {}"),
    "MalformedXML": (400, "The XML you provided was not well-formed. {}"),
    "MissingAuthorizationHeader": (400, "Authorization header is required."),
    "MissingDateHeader": (400, "Date header is required."),
    "MissingReceiptHandle": (400, "ReceiptHandle is required."),
    "QueueNameLengthError": (400, "Queue name length should between 1 and {}."),
    "ReceiptHandleError": (400, "The receipt handle you provided is not valid."),
    # The page gives these three no wording; the codes are the SDKs' constants.
    "InvalidContentType": (400, "The Content-Type “{}” is invalid; it should be text/xml or application/xml."),
    "InvalidVersionHeader": (400, "The x-mns-version “{}” is invalid; it should be 2015-06-06."),
    "MissingVersionHeader": (400, "x-mns-version header is required."),
    "AccessDenied": (
        403,
        "The OwnerId that your Access Key Id associated to is forbidden for this operation. ({})",
    ),
    "InvalidAccessKeyId": (403, "The AccessKey Id you provided is not exist."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    ),
    "MessageNotExist": (404, "Message not exist."),
    "QueueNotExist": (404, "The queue name you provided is not exist."),
    # 27501 lists an old Date as 408; the signing page, 27487, says 400. The table of codes wins.
    "TimeExpired": (408, "The http request you sent is expired."),
    "QueueAlreadyExist": (409, "The queue you want to create is already exist."),
}


class MnsError(Exception):
    """A refusal: its code, its HTTP status and a message that names what was refused."""

    def __init__(self, code: str, detail: object = "") -> None:
        status, wording = _DOCUMENTED[code]
        super().__init__(wording.replace("{}", str(detail)).strip())
        self.code = code
        self.status = status

    @property
    def message(self) -> str:
        return str(self)


def out_of_range(name: str, low: int, high: int, unit: str = "") -> MnsError:
    """27501: the wording of InvalidArgument for a value outside its bounds."""
    return MnsError("InvalidArgument", f"The value of {name} should between {low} and {high} {unit}".strip() + ".")


def schema_violation(cause: str) -> MnsError:
    """27501: the wording of InvalidArgument for XML of the wrong shape."""
    return MnsError(
        "InvalidArgument",
        f"The XML you provided did not validate against our published schema, cause by {cause}.",
    )
