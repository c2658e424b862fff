"""What an endpoint says of itself: the rule that guards it, and what the OpenAPI document tells of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

API_PATH = "/api/v1"
ORGANIZATION_PATH = f"{API_PATH}/organizations/{{organization:str}}"


class Parameter(Struct, frozen=True):
    """A query parameter or header; `kind` is the type its text is read as."""

    name: str
    kind: Any
    description: str
    place: str = "query"
    required: bool = False
    example: Any = None


class Endpoint(Struct, frozen=True):
    """Told beside each handler. `body` None: the request has none; `text_bodies` other bodies it takes as text.

    `other_answer_types` are what is sent in place of `answer_type` where the thing that is asked for is of that kind.
    A body that is `theirs` is a provider's own message, which may say more than is read of it. What is `for_people`
    tells them as a page, too, why they do not get what they asked for.
    """

    rule: str
    summary: str
    tag: str
    answer: Any = None
    body: Any = None
    example: Any = None
    answer_example: Any = None
    parameters: Sequence[Parameter] = ()
    is_command: bool = False
    reads: bool = False
    answer_type: str = "application/json"
    other_answer_types: Sequence[str] = ()
    text_bodies: Mapping[str, str] = {}
    theirs: bool = False
    for_people: bool = False

    @property
    def answer_types(self) -> Sequence[str]:
        """All that may be sent."""
        return (self.answer_type, *self.other_answer_types)

    def opt(self) -> dict[str, Any]:
        """Return what the handler carries."""
        return {"rule": self.rule, "endpoint": self}
