"""The policy as a page to read: a row an endpoint, a column a role."""

from collections.abc import Mapping
from typing import get_args

from consign.domain.values import Role, Scope
from consign.http.access import RULES, SIGN_UP_RULES, Rule

_HEAD = """\
# Who may do what

Made by `docs/generate_policy.py` from the table in `src/consign/http/access.py`; an endpoint without a row does not
start. `all`: everything of the organization. `own`: what is the account's own. `own till`: sessions of tills at which
the account itself stands. Nothing: refused, as 403 to members, as 404 to everybody else.

- Roles come from memberships, which live in each organization's own log; a role means nothing in another organization.
  Of several roles the leftmost that is allowed is acted in.
- `operator` leads the platform (the organization `platform`) and has nothing in any other. `guest` is whoever is signed
  in, member or not; in a session for one organization alone, on the platform, only for what is `own`.
- An organizer at somebody else's till is recorded as both: `account_id` and `on_behalf_of`.
- Somebody else's thing is refused like what does not exist, but for a colleague's till, which is 403.
- With `CONSIGN_SIGN_UP=anyone` every guest may use {sign_up} too.
"""
_CELLS: Mapping[Scope, str] = {"all": "all", "own": "own", "own_session": "own till"}
_ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "system")


def policy_document(rules: Mapping[str, Rule] = RULES) -> str:
    """Return the page, as Markdown."""
    lines = [
        _HEAD.format(sign_up=", ".join(f"`{rule}`" for rule in sorted(SIGN_UP_RULES))),
        f"| endpoint | {' | '.join(_ROLES)} |",
        f"|---|{'---|' * len(_ROLES)}",
        *(_row(name, rules[name]) for name in sorted(rules)),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, rule: Rule) -> str:
    if not rule:
        return f"| {name} | {' | '.join('anybody' for _ in _ROLES)} |"
    scopes = {grant.role: _CELLS[grant.scope] for grant in reversed(rule)}
    return f"| {name} | {' | '.join(scopes.get(role, '') for role in _ROLES)} |"
