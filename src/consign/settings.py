"""How this process is to run: typed settings from the environment (`CONSIGN_…`), overridden by flags."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.values import Role
from consign.http.rate_limits import RateLimits

ENVIRONMENT_PREFIX = "CONSIGN_"
FILE_MAX_CHARACTERS = 64 * 1024
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(:\d{1,5})?")
_SECRET = frozenset(
    (
        "database_url",
        "nats_url",
        "nats_public_url",
        "role_passwords",
        "token_key",
        "key_encryption_key",
        "issuers",
        "smtp_password",
    )
)

ProcessRole = Literal["all", "owner", "front"]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$", max_length=500)]
Seconds = Annotated[float, Meta(gt=0, le=600)]


class SettingsInvalidError(Exception):
    """A setting says something that cannot be."""


class FoundingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What an organization that is founded with an issuer does not say itself."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    locale: Annotated[str, Meta(min_length=1, max_length=40)] = "en"
    time_zone: Annotated[str, Meta(min_length=1, max_length=40)] = "UTC"


class SignInSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this service is as a client of an issuer: people can sign in here with it, by authorization code.

    `<public_url>/sign-in` is the redirect URI to be registered there. `trusts_addresses`: whoever the issuer says it
    has checked an address of gets the account of that address here.
    """

    client_id: Annotated[str, Meta(min_length=1, max_length=255)]
    client_secret: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    authorization_endpoint: Url
    token_endpoint: Url
    trusts_addresses: bool = False


class IssuerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody whose tokens count here: any OpenID Connect issuer, or Clerk.

    `issuer` is the exact `iss` of its tokens. An `oidc` issuer's tokens must be meant for `audience`, Clerk's be made
    for one of `azp` (web origins), which an `oidc` issuer may be asked for too. `jwks_uri` says where its keys are, if
    not where the issuer itself says. Clerk's organizations get slugs of their own unless `organizations` names one by
    Clerk's id.

    Clerk's webhooks are signed with one of `webhook_secrets` (`whsec_…`; more than one while they are changed). What
    they tell of members is followed: `roles` says which roles here one of Clerk's means. With `founding` an
    organization that is founded there is founded here.
    """

    issuer: Url
    kind: Literal["oidc", "clerk"]
    audience: str | None = None
    azp: tuple[str, ...] = ()
    jwks_uri: Url | None = None
    organizations: Mapping[str, Annotated[str, Meta(pattern="^[a-z0-9-]{2,40}$")]] = {}
    roles: Mapping[str, tuple[Role, ...]] = msgspec.field(default_factory=lambda: {"org:admin": ("organizer",)})
    founding: FoundingSettings | None = None
    sign_in: SignInSettings | None = None
    webhook_secrets: tuple[Annotated[str, Meta(pattern="^whsec_[A-Za-z0-9+/]{24,}=*$")], ...] = ()

    def __repr__(self) -> str:
        """Name the issuer and none of its secrets."""
        return f"IssuerSettings({self.issuer!r})"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything has a default that serves on this machine alone.

    Without `database_url` (the administrator's or owner's address) and `nats_url` the embedded servers run over
    `data_directory`. Processes that share a database share `token_key` and `key_encryption_key` too; without them each
    keeps its own in its data directory. `base_domain` lets `<organization>.<base_domain>` name the organization.
    `challenges_at` (host and port here) is asked in place of domains that are to be verified: for development.
    `dns_server` (an address, and perhaps a port) is asked for their TXT records in place of the system's name servers.
    Holders of domains are asked again after `domains_asked_every_hours`. One that somebody else shows passes to them
    after `domains_pass_after_days` without its holder showing it.
    `key_encryption_key` may name several, divided by commas, the newest first: while it is replaced.
    `nats_accounts_directory` is a folder that the NATS server includes accounts of organizations from: without it and
    without embedded servers integrators get no credentials for NATS.
    `erasure_list` is the file that says who was forgotten, without which it lies in the data directory: it must not be
    part of what a restore of the database sets back.
    `issuers` (JSON in the environment) are believed beside the service itself.
    `public_url` is where people reach the service, without a slash at its end: the issuer of its access tokens. With
    embedded servers `settings_from` takes this machine and the port for it, unless told.
    `trusted_proxies` (networks, divided by commas) stand before the service: the `forwarded_header` that they write
    says whose request it is.
    `rate_limits` (JSON in the environment) says how much one account, organization or address may send.
    With `smtp_host` mails are handed to that server, over TLS: `smtp_security` says whether from the first byte or
    after `STARTTLS`; `none` is for a server on this machine. `smtp_ca_file` names who vouches for it, if nobody does
    whom the system trusts. `mail_from` is who mails come from, `mails_kept_days` how long they lie in the outbox.
    `sign_ins_kept_days`: so long after their end links, sessions and spent tokens are still recognised.
    `quarantine_kept_days`: so long uploads that could not be read can be looked at.
    `outbox_page` shows them on this machine also where servers are not embedded.
    `sign_up` says who may found organizations: operators of the platform, or anyone who is signed in.
    For measuring: `bench` serves a no-op beside the commands, `fan_out` "none" leaves the engine alone, "relay"
    keeps no read model and publishes nothing for integrators.
    """

    data_directory: Path = Path("data")
    host: str = "127.0.0.1"
    port: Port = 8700
    role: ProcessRole = "all"
    database_url: str | None = None
    nats_url: str | None = None
    nats_public_url: str | None = None
    role_passwords: tuple[str, str, str, str, str] | None = None
    token_key: Annotated[str, Meta(min_length=32)] | None = None
    key_encryption_key: Annotated[str, Meta(pattern="^[0-9a-f]{64}(,[0-9a-f]{64}){0,3}$")] | None = None
    erasure_list: Path | None = None
    issuers: tuple[IssuerSettings, ...] = ()
    node_id: UUID | None = None
    base_domain: str = ""
    nats_accounts_directory: Path | None = None
    challenges_at: Annotated[str, Meta(pattern=r"^(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}$")] | None = None
    dns_server: Annotated[str, Meta(pattern=r"^([0-9.]{7,15}|\[[0-9a-fA-F:]{2,45}\])(:[0-9]{1,5})?$")] | None = None
    domains_asked_every_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    domains_pass_after_days: Annotated[int, Meta(ge=1, le=90)] = 7
    public_url: Annotated[str, Meta(pattern=r"^https?://[^\s?#@]*[^\s/?#@]$")] = "http://localhost:8700"
    trusted_proxies: tuple[str, ...] = ()
    rate_limits: RateLimits = RateLimits()
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    mails_kept_days: Annotated[int, Meta(ge=1, le=365)] = 30
    sign_ins_kept_days: Annotated[int, Meta(ge=1, le=90)] = 7
    quarantine_kept_days: Annotated[int, Meta(ge=1, le=3650)] = 90
    mail_from: Annotated[str, Meta(pattern=r"^[^\r\n@]{1,100}@[A-Za-z0-9.-]{1,190}>?$")] = (
        "consign <no-reply@localhost>"
    )
    smtp_host: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.:-]{0,253}$")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: Annotated[str, Meta(max_length=255)] = ""
    smtp_password: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    smtp_ca_file: Path | None = None
    outbox_page: bool = False
    sign_up: Literal["operators", "anyone"] = "operators"
    bench: bool = False
    fan_out: Literal["all", "relay", "none"] = "all"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    node_ttl_s: Seconds = 6.0
    drain_timeout_s: Seconds = 10.0

    def __repr__(self) -> str:
        """Tell all that is no secret: what is printed may end up in a log."""
        told = (name for name in self.__struct_fields__ if name not in _SECRET)
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in told)})"

    @property
    def erasures(self) -> Path:
        """Where the list of who was forgotten is."""
        return self.erasure_list or self.data_directory / "erasures"

    @property
    def is_embedded(self) -> bool:
        """Whether the embedded servers are to run."""
        return self.database_url is None


def settings_from(environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """Read the settings; a flag that is None was not given. Raises SettingsInvalidError.

    `CONSIGN_…_FILE` names a file that holds what `CONSIGN_…` would. No error tells a value that may be secret.
    """
    found = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        text = _given(found, f"{ENVIRONMENT_PREFIX}{name.upper()}")
        if text:
            given[name] = _read(name, text)
    given.update({name: value for name, value in flags.items() if value is not None})
    unknown = flags.keys() - set(Settings.__struct_fields__)
    if unknown:
        raise SettingsInvalidError(f"there are no settings {', '.join(sorted(unknown))}")
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsInvalidError(str(error)) from error
    if (settings.database_url is None) != (settings.nats_url is None):
        raise SettingsInvalidError("set both CONSIGN_DATABASE_URL and CONSIGN_NATS_URL, or neither")
    if settings.is_embedded and settings.port and "public_url" not in given:
        settings = replace(settings, public_url=f"http://localhost:{settings.port}")
    _check_addresses(settings)
    _check_issuers(settings)
    _check_proxies(settings)
    _check_mail(settings)
    _check_name_server(settings)
    return settings


def _given(environment: Mapping[str, str], variable: str) -> str:
    """Return what the variable says, or the file that the variable's namesake names."""
    text, path = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if not path:
        return text
    if text:
        raise SettingsInvalidError(f"set {variable} or {variable}_FILE, not both")
    try:
        with Path(path).open(encoding="utf-8") as file:
            held = file.read(FILE_MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsInvalidError(f"{variable}_FILE cannot be read: {reason}") from None
    if len(held) > FILE_MAX_CHARACTERS:
        raise SettingsInvalidError(f"{variable}_FILE holds more than {FILE_MAX_CHARACTERS} characters")
    return held.removesuffix("\n").removesuffix("\r")


def _read(name: str, text: str) -> Any:
    if name in ("role_passwords", "trusted_proxies"):
        return [part.strip() for part in text.split(",")]
    if name not in ("issuers", "rate_limits"):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise SettingsInvalidError(f"{ENVIRONMENT_PREFIX}{name.upper()} is not JSON: {error}") from error


def _check_addresses(settings: Settings) -> None:
    """Refuse addresses of servers that cannot be read here already: who reads them later tells parts of a password."""
    for name in ("database_url", "nats_url", "nats_public_url"):
        text = getattr(settings, name)
        if text is not None and not _is_address(text):
            raise SettingsInvalidError(
                f"{ENVIRONMENT_PREFIX}{name.upper()} is no address: write the password's special characters as %XX"
            )


def _is_address(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    ends_in_password = "@" in rest and "@" not in authority
    hosts = authority.rpartition("@")[2].split(",")
    return bool(scheme) and not ends_in_password and all(map(_HOST.fullmatch, hosts))


def _check_issuers(settings: Settings) -> None:
    """Refuse issuers whose tokens could mean anybody's, or travel in the open."""
    names = [settings.public_url, *(each.issuer for each in settings.issuers)]
    if len(set(names)) < len(names):
        raise SettingsInvalidError("two issuers have one name")
    for each in settings.issuers:
        asked = () if each.sign_in is None else (each.sign_in.authorization_endpoint, each.sign_in.token_endpoint)
        for url in (each.issuer, each.jwks_uri or each.issuer, *asked):
            if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
                raise SettingsInvalidError(f"{url} is asked, or people are sent there, so it must begin with https://")
        if each.kind == "oidc" and not each.audience:
            raise SettingsInvalidError(f"say which audience the tokens of {each.issuer} are meant for")
        if each.kind == "clerk" and (not each.azp or each.audience is not None):
            raise SettingsInvalidError(f"say which azp the tokens of {each.issuer} are made for, and no audience")


def _check_proxies(settings: Settings) -> None:
    for each in settings.trusted_proxies:
        try:
            network = ipaddress.ip_network(each)
        except ValueError as error:
            raise SettingsInvalidError(f"a trusted proxy is no network: {error}") from error
        if network.prefixlen == 0:
            raise SettingsInvalidError(f"{each} trusts everybody to say who they are")


def _check_name_server(settings: Settings) -> None:
    if settings.dns_server is not None:
        try:
            server = urlsplit(f"//{settings.dns_server}")
            ipaddress.ip_address(server.hostname or "")
            _ = server.port
        except ValueError as error:
            raise SettingsInvalidError(f"CONSIGN_DNS_SERVER is no address of a name server: {error}") from error


def _check_mail(settings: Settings) -> None:
    """Refuse to send mails, and a password, in the open."""
    if settings.smtp_security == "none" and settings.smtp_host not in ("", "127.0.0.1", "::1", "localhost"):
        raise SettingsInvalidError("mails go to another machine over TLS only: set CONSIGN_SMTP_SECURITY otherwise")
    if (settings.smtp_password is None) == bool(settings.smtp_username):
        raise SettingsInvalidError("set both CONSIGN_SMTP_USERNAME and CONSIGN_SMTP_PASSWORD, or neither")


def _decode(wanted: type, value: Any) -> Any:
    if wanted is Path:
        return Path(value)
    raise NotImplementedError(wanted)
