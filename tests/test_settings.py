"""Settings from the environment and flags."""

from pathlib import Path

import pytest

from consign.settings import Settings, SettingsInvalidError, settings_from

BOTH = {"CONSIGN_DATABASE_URL": "postgresql://a@b/c", "CONSIGN_NATS_URL": "nats://d"}


def test_nothing_needs_to_be_set() -> None:
    settings = settings_from({})
    assert settings == Settings()
    assert settings.is_embedded


def test_flags_go_before_the_environment_and_none_is_no_flag() -> None:
    environment = {"CONSIGN_PORT": "9000", "CONSIGN_DATA_DIRECTORY": "/elsewhere", "CONSIGN_BENCH": "true", **BOTH}
    settings = settings_from(environment, port=9001, host=None)
    assert (settings.port, settings.host, settings.bench) == (9001, "127.0.0.1", True)
    assert settings.data_directory == Path("/elsewhere")
    assert not settings.is_embedded


def test_links_lead_to_the_one_process_there_is_and_processes_together_have_one_name() -> None:
    assert settings_from({}, port=9001).public_url == "http://localhost:9001"
    assert settings_from({"CONSIGN_PUBLIC_URL": "https://consign.example"}, port=9001).public_url == (
        "https://consign.example"
    )
    assert settings_from(BOTH, port=9001).public_url == settings_from(BOTH, port=9002).public_url


@pytest.mark.parametrize(
    "environment",
    [
        {"CONSIGN_PORT": "many"},
        {"CONSIGN_PORT": "70000"},
        {"CONSIGN_ROLE": "king"},
        {"CONSIGN_TOKEN_KEY": "short"},
        {"CONSIGN_KEY_ENCRYPTION_KEY": "not hexadecimal"},
        {"CONSIGN_NODE_TTL_S": "0"},
        {"CONSIGN_DATABASE_URL": "postgresql://a@b/c"},
        {"CONSIGN_PUBLIC_URL": "https://consign.example/"},
        {"CONSIGN_SMTP_HOST": "mail.example.org", "CONSIGN_SMTP_SECURITY": "none"},
        {"CONSIGN_SMTP_USERNAME": "consign"},
        {"CONSIGN_SMTP_PASSWORD": "secret"},
        {"CONSIGN_SMTP_HOST": "mail.example.org/x"},
        {"CONSIGN_DNS_SERVER": "resolver.example.org"},
        {"CONSIGN_DNS_SERVER": "999.1.1.1"},
        {"CONSIGN_DNS_SERVER": "192.0.2.53:70000"},
        {"CONSIGN_ISSUERS": "not JSON"},
        {"CONSIGN_ISSUERS": "[1]"},
        {"CONSIGN_ISSUERS": '[{"issuer": "https://a.example", "kind": "oidc"}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "https://a.example", "kind": "clerk"}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "http://a.example", "kind": "oidc", "audience": "a"}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "http://127.0.0.1:1@a.example", "kind": "oidc", "audience": "a"}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "https://a.example", "kind": "oidc", "audience": "a", "secret": "b"}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "https://a.example", "kind": "clerk", "webhook_secrets": ["whsec_1"]}]'},
        {"CONSIGN_ISSUERS": '[{"issuer": "http://localhost:8700", "kind": "oidc", "audience": "a"}]'},
    ],
)
def test_what_cannot_be_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalidError):
        settings_from(environment)


def test_a_flag_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsInvalidError):
        settings_from({}, colour="blue")


def test_issuers_are_read_from_json() -> None:
    text = """[
        {"issuer": "https://clerk.example", "kind": "clerk", "azp": ["https://app.example"],
         "organizations": {"org_1": "spring-fair"}, "webhook_secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]},
        {"issuer": "https://other.example/", "kind": "oidc", "audience": "consign"}
    ]"""
    clerk, other = settings_from({"CONSIGN_ISSUERS": text}).issuers
    assert (clerk.kind, clerk.azp, clerk.organizations) == ("clerk", ("https://app.example",), {"org_1": "spring-fair"})
    assert (other.kind, other.issuer, other.audience) == ("oidc", "https://other.example/", "consign")
