"""The `retire` block of a plan, whose model is built only where a plan has one."""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _read_retire(value: object) -> object:
    """Its model is built only where a plan has one: a function that makes images must not wait for it."""
    if value is None:
        return None
    from pydantic import ValidationError

    from .retire import Retire

    try:
        return Retire.model_validate(value)
    except ValidationError as error:
        raise PydanticCustomError("retire", "wrong in itself", {"inner": error.errors()}) from None


if TYPE_CHECKING:
    from .retire import Retire

    LateRetire: TypeAlias = Retire | None
else:
    LateRetire = Annotated[Any, BeforeValidator(_read_retire)]
