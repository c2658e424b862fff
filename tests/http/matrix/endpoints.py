"""The endpoints of a running application, as its own document tells of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import httpx

_ORGANIZATION = "/api/v1/organizations/{organization}"


class Endpoint(NamedTuple):
    """One endpoint: `body` is the document's example, and stands for a sensible request."""

    rule: str
    method: str
    path: str
    body: Any

    @property
    def below_organization(self) -> str:
        """The path below the organization; nothing where it is no organization's."""
        return self.path.removeprefix(_ORGANIZATION) if self.path.startswith(f"{_ORGANIZATION}/") else ""

    def url(self, ids: Mapping[str, str]) -> str:
        """Return the path with these ids in it."""
        return self.path.format_map(ids)


type Endpoints = Sequence[Endpoint]


def endpoints_of(url: str) -> Endpoints:
    """Ask a running service for its document and return every endpoint in it."""
    document = httpx.get(f"{url}/schema/openapi.json").json()
    return [
        Endpoint(operation["operationId"], method.upper(), path, _example(operation))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _example(operation: Mapping[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in content:
        return content["example"]
    examples = list(content.get("examples", {}).values())
    return examples[0]["value"] if examples else None
