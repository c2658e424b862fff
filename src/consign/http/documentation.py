"""What the service says of itself: the OpenAPI document, a page to read it, and what each problem means.

The page is one piece of HTML without scripts: it needs nothing from anywhere else.
"""

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.endpoint import Endpoint
from consign.http.openapi import openapi_document
from consign.http.problems import REASONS, Refusal

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.5rem;color:#1c1c1c;background:#fff}
h1{margin-bottom:0}h2{border-bottom:2px solid #ddd;margin-top:2.5rem;text-transform:capitalize}
summary{cursor:pointer;padding:.35rem 0}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f4f4f2;padding:.75rem;overflow:auto;border-radius:4px}b.m{display:inline-block;width:3.5rem;color:#0a5c36}
table{border-collapse:collapse}td,th{border:1px solid #ddd;padding:.25rem .6rem;text-align:left;vertical-align:top}
details>div{margin:0 0 1rem 1rem}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}pre{background:#242424}b.m{color:#6fd6a0}
h2,td,th{border-color:#444}a{color:#8ab4f8}}
"""


_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ProblemKind(Struct, frozen=True):
    """What a reason means. `retryable`: the same request, with the same key, may succeed later."""

    reason: str
    title: str
    status: int
    retryable: bool


class ProblemKinds(Struct, frozen=True):
    reasons: list[ProblemKind]


def documentation_handlers(others: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Make the handlers; `others` are described beside themselves."""
    page = Endpoint("documentation", "This documentation, to be read.", "documentation", str, answer_type="text/html")
    schema = Endpoint("openapi", "This documentation as OpenAPI 3.1.", "documentation", dict[str, Any])
    one = Endpoint("problem", "What a problem's reason means.", "documentation", ProblemKind)
    many = Endpoint("problems", "Every reason there is.", "documentation", ProblemKinds)
    written: dict[str, bytes] = {}

    def document() -> bytes:
        """Write the document when it is first asked for: a start need not wait for it."""
        if "document" not in written:
            written["document"] = openapi_document([*others, *handlers])
        return written["document"]

    async def tell_document() -> Response[bytes]:
        return Response(document(), media_type="application/json")

    async def tell_page() -> Response[bytes]:
        if "page" not in written:
            written["page"] = _page(msgspec.json.decode(document())).encode()
        return Response(written["page"], media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)

    async def tell_problem(request: Request[Any, Any, Any]) -> ProblemKind:
        reason = request.path_params["reason"]
        if reason not in REASONS:
            raise Refusal("not_found", f"There is no reason {reason[:60]!r}.")
        return _kind(reason)

    async def tell_problems() -> ProblemKinds:
        return ProblemKinds([_kind(reason) for reason in sorted(REASONS)])

    handlers = [
        get("/docs", name=page.rule, opt=page.opt())(tell_page),
        get("/schema/openapi.json", name=schema.rule, opt=schema.opt())(tell_document),
        get("/problems", name=many.rule, opt=many.opt())(tell_problems),
        get("/problems/{reason:str}", name=one.rule, opt=one.opt())(tell_problem),
    ]
    return handlers


def _kind(reason: str) -> ProblemKind:
    kind = REASONS[reason]
    return ProblemKind(reason, kind.title, kind.status, kind.retryable)


def _page(document: Mapping[str, Any]) -> str:
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    schemas = document["components"]["schemas"]
    info = document["info"]
    body = [
        f"<h1>{_text(info['title'])}</h1><p>{_text(info['summary'])}</p><p>{_text(info['description'])}</p>",
        '<p><a href="/schema/openapi.json">OpenAPI 3.1</a> · <a href="/problems">problems</a></p>',
        *(f"<h2>{_text(tag)}</h2>{''.join(parts)}" for tag, parts in sorted(by_tag.items())),
        "<h2>shapes</h2>",
        *(
            f'<details id="{_text(name)}"><summary><code>{_text(name)}</code></summary>{_json(schema)}</details>'
            for name, schema in sorted(schemas.items())
        ),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_text(info['title'])}</title><style>{_STYLE}</style><body>{''.join(body)}</body></html>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<p>{_text(operation.get('description', ''))}</p>", _parameters(operation["parameters"])]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Body, <code>{_text(media_type)}</code>, {_reference(content['schema'])}</p>")
        parts.append(_json(content["example"]) if "example" in content else "")
    answers = operation["responses"]["200"]["content"]
    for media_type, content in answers.items():
        parts.append(f"<p>Answer, <code>{_text(media_type)}</code>, {_reference(content.get('schema', {}))}</p>")
    return (
        f'<details><summary><b class="m">{method.upper()}</b> <code>{_text(path)}</code> '
        f"{_text(operation['summary'])}</summary><div>{''.join(parts)}</div></details>"
    )


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{_text(each['name'])}</code><td>{_text(each['in'])}{' *' if each['required'] else ''}"
        f"<td>{_text(each.get('description', ''))}</tr>"
        for each in parameters
    )
    return f"<table>{rows}</table>"


def _reference(schema: Mapping[str, Any]) -> str:
    for each in (schema, *schema.get("allOf", ())):
        if "$ref" in each:
            name = each["$ref"].rpartition("/")[2]
            return f'<a href="#{_text(name)}">{_text(name)}</a>'
    return f"<code>{_text(str(schema.get('type', 'any')))}</code>"


def _json(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.format(msgspec.json.encode(value)).decode()
    return f"<pre>{_text(text)}</pre>"


def _text(text: str) -> str:
    return html.escape(text)
