"""What others need to check the access tokens of this installation: its keys, and where they are."""

from collections.abc import Mapping, Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.endpoint import Endpoint
from consign.identity.access_tokens import AccessTokens

_CACHED = {"Cache-Control": "public, max-age=300"}
_KEYS_PATH = "/.well-known/jwks.json"


class PublishedKeys(Struct, frozen=True):
    """A JWK set (RFC 7517): the key in use, the one before and the one to come."""

    keys: Sequence[Mapping[str, str]]


class PublishedIssuer(Struct, frozen=True):
    """What OpenID Connect Discovery 1.0 asks for, as far as there is an answer to it here."""

    issuer: str
    jwks_uri: str
    id_token_signing_alg_values_supported: Sequence[str] = ("ES256",)
    subject_types_supported: Sequence[str] = ("public",)
    response_types_supported: Sequence[str] = ()


def published_handlers(tokens: AccessTokens) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    keys = Endpoint("jwks", "The public keys of this installation's access tokens.", "identity", PublishedKeys)
    issuer = Endpoint(
        "openid-configuration", "Who issues this installation's access tokens.", "identity", PublishedIssuer
    )

    async def tell_keys() -> Response[PublishedKeys]:
        return Response(PublishedKeys(tokens.signer.public()), headers=_CACHED)

    async def tell_issuer() -> Response[PublishedIssuer]:
        return Response(PublishedIssuer(tokens.issuer, f"{tokens.issuer}{_KEYS_PATH}"), headers=_CACHED)

    return [
        get(_KEYS_PATH, name=keys.rule, opt=keys.opt())(tell_keys),
        get("/.well-known/openid-configuration", name=issuer.rule, opt=issuer.opt())(tell_issuer),
    ]
