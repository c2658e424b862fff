"""What an organization's log keeps of access itself: members who were refused, and who was shown what.

Nothing is decided by these: they are facts about an account, in its own stream. How many there may be is seen to before
they get here.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.values import AccountId, Code, GivenAccountId, Text

Shown = Literal["payout-details", "personal-data", "payout-file", "upload", "history", "audit", "export"]
"""What leaves a trace when somebody is shown it."""

About = Annotated[str, Meta(max_length=120)]


class RecordRefusedAccess(Struct, frozen=True, gc=False, tag="record-refused-access"):
    """A member asked for what none of the member's roles allows; `endpoint` is the policy's name of it."""

    account: GivenAccountId
    endpoint: Code
    reason: Code


class RecordDisclosure(Struct, frozen=True, gc=False, tag="record-disclosure"):
    """Somebody was shown what is not theirs; `about` says of whom or what, `because` why, if they said."""

    account: GivenAccountId
    shown: Shown
    about: About
    because: Text = ""


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class AccessRefused(Struct, frozen=True, gc=False, tag="access-refused"):
    account: AccountId
    endpoint: str
    reason: str


class DataShown(Struct, frozen=True, gc=False, tag="data-shown"):
    account: AccountId
    shown: Shown
    about: str
    because: str = ""


type AuditCommand = RecordRefusedAccess | RecordDisclosure
type AuditEvent = AccessRefused | DataShown
