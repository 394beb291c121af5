"""The base of every model that crosses an edge: frozen, and closed against unknown keys unless it arrives from outside."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Ours: a key that we do not know is a mistake. Errors never quote the input, which may hold a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class Arriving(BaseModel):
    """Theirs: the sender may add keys at any time, and letters of a key are the sender's."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)
