"""What the API reference of CreateImage allows as an image's name, family and description."""

import re

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError, EcsRefusal
from localcloud.ecs.params import Params

# 2 to 128 characters, the first a letter or a Chinese character, then also digits and : _ -
# The parameter's description leaves out the full stop, the text of InvalidImageName.Malformed has it: allowed here.
# With this alphabet no name can hold http:// or https://.
_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff:_.\-]{1,127}")


def check_texts(params: Params) -> None:
    _check_name(params.text("ImageName"), errors.BAD_IMAGE_NAME)
    _check_name(params.text("ImageFamily"), errors.BAD_IMAGE_FAMILY)
    _check_description(params.text("Description"))


def _check_name(value: str | None, refusal: EcsRefusal) -> None:
    """The same rule for ImageName and ImageFamily; neither may begin with aliyun or acs:."""
    if value is not None and (not _NAME.fullmatch(value) or value.startswith(("aliyun", "acs:"))):
        raise EcsError(refusal, value=value)


def _check_description(value: str | None) -> None:
    if value is not None and (not 2 <= len(value) <= 256 or value.startswith(("http://", "https://"))):
        raise EcsError(errors.BAD_DESCRIPTION)
