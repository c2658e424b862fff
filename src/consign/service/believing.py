"""Whose tokens this process believes: its own, those of its settings' issuers, and of its development identity."""

import asyncio
from collections.abc import Mapping, Sequence

from consign.adapters.crypto.signing_keys import SigningKeys
from consign.adapters.oidc.code_exchange import ClientSettings, OidcClient
from consign.adapters.oidc.issuer_keys import IssuerKeys
from consign.http.identity.built_in import BuiltInIssuer
from consign.http.identity.clerk import ClerkIssuer
from consign.http.identity.development import DevelopmentIdentity
from consign.http.identity.oidc import OidcIssuer
from consign.http.identity.routes_clerk import ClerkInstance, Founding
from consign.http.identity.svix import signing_key
from consign.http.identity.tokens import EndedSessions, Issuer, Machines, Tokens
from consign.identity.access_tokens import AccessTokens
from consign.settings import IssuerSettings, Settings


class Believing:
    """Puts the issuers together, and keeps the tasks that fetch their keys."""

    def __init__(
        self,
        settings: Settings,
        development: DevelopmentIdentity,
        encryption_keys: Sequence[bytes],
        machines: Machines,
        ended: EndedSessions,
    ) -> None:
        newest, *former = encryption_keys
        self.access_tokens = AccessTokens(settings.public_url, SigningKeys(newest, former=former))
        self._keys = [IssuerKeys(each.issuer, jwks_uri=_jwks_uri(each)) for each in settings.issuers]
        others = [_issuer(each, keys) for each, keys in zip(settings.issuers, self._keys, strict=True)]
        self.clients = {
            each.issuer: _client(settings, each, keys)
            for each, keys in zip(settings.issuers, self._keys, strict=True)
            if each.sign_in is not None
        }
        self.clerk = [_clerk(each) for each in settings.issuers if each.webhook_secrets]
        self.tokens = Tokens((development, BuiltInIssuer(self.access_tokens), *others), machines, ended)

    def start(self, tasks: asyncio.TaskGroup) -> Sequence[asyncio.Task[None]]:
        """Begin to fetch keys; nothing waits for them but a token that needs one."""
        return [tasks.create_task(keys.run()) for keys in self._keys]

    def readiness(self) -> Mapping[str, str]:
        """Tell which issuers do not answer; with the keys they named before their tokens are still checked."""
        if not self._keys:
            return {}
        failing = [keys.issuer for keys in self._keys if keys.is_failing]
        return {"issuers": f"degraded: no keys from {', '.join(failing)}" if failing else "ok"}

    def counters(self) -> Mapping[str, float]:
        """Tell how many tokens were checked and refused, and how old the keys of others are."""
        ages = [keys.age_s for keys in self._keys if keys.age_s is not None]
        return {
            **self.tokens.counters(),
            "issuers_failing": float(sum(keys.is_failing for keys in self._keys)),
            "issuer_keys_age_seconds": max(ages, default=0.0),
            "issuer_keys_not_fetched_total": float(sum(keys.failures for keys in self._keys)),
        }


def _jwks_uri(issuer: IssuerSettings) -> str | None:
    if issuer.jwks_uri is None and issuer.kind == "clerk":
        return f"{issuer.issuer.rstrip('/')}/.well-known/jwks.json"
    return issuer.jwks_uri


def _client(settings: Settings, issuer: IssuerSettings, keys: IssuerKeys) -> OidcClient:
    said = issuer.sign_in
    assert said is not None
    return OidcClient(
        ClientSettings(
            issuer=issuer.issuer,
            client_id=said.client_id,
            client_secret=said.client_secret,
            authorization_endpoint=said.authorization_endpoint,
            token_endpoint=said.token_endpoint,
            redirect_uri=f"{settings.public_url}/sign-in",
            trusts_addresses=said.trusts_addresses,
        ),
        keys,
    )


def _clerk(settings: IssuerSettings) -> ClerkInstance:
    founding = settings.founding
    return ClerkInstance(
        settings.issuer,
        tuple(signing_key(secret) for secret in settings.webhook_secrets),
        settings.organizations,
        settings.roles,
        None if founding is None else Founding(founding.currency, founding.locale, founding.time_zone),
    )


def _issuer(settings: IssuerSettings, keys: IssuerKeys) -> Issuer:
    match settings.kind:
        case "oidc":
            assert settings.audience is not None
            return OidcIssuer(settings.issuer, keys, audience=settings.audience, parties=settings.azp)
        case "clerk":
            return ClerkIssuer(settings.issuer, keys, parties=settings.azp, organizations=settings.organizations)
