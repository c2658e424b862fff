"""PINs of members, for devices of the organization: the log says that there is one, and the how-manieth, never which.

What tells a PIN that is shown lies elsewhere. Versions are never used again, so that whatever was done by a PIN names
which one it was.
"""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import AccountId, GivenAccountId, Sealed

PinVersion = Annotated[int, Meta(ge=1, le=10**9)]


class SetPin(Struct, frozen=True, gc=False, tag="set-pin"):
    """A member has a new PIN from now on; `name` is what devices show to choose by, sealed under the member's key."""

    account: GivenAccountId
    name: Sealed | None = None


class TakePin(Struct, frozen=True, gc=False, tag="take-pin"):
    """The member has no PIN any more, and may set a new one."""

    account: GivenAccountId


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class PinSet(Struct, frozen=True, gc=False, tag="pin-set"):
    account: AccountId
    version: int
    name: Sealed | None = None


class PinTaken(Struct, frozen=True, gc=False, tag="pin-taken"):
    account: AccountId
    version: int


class PinAnswer(Struct, frozen=True, gc=False):
    """`version` counts whatever became of the member's PIN."""

    account: AccountId
    version: int


type PinCommand = SetPin | TakePin
