"""What people sign in with, in memory: for tests, and as the shortest statement of what the store promises."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from msgspec.structs import replace

from consign.identity.store import (
    SESSIONS_MAX,
    WAYS_MAX,
    Bound,
    Deletion,
    Link,
    Redeemed,
    Removal,
    Session,
    SessionKey,
    Way,
)


class _Kept(NamedTuple):
    account_id: str
    session: Session
    ended_at: datetime | None = None

    def goes_on(self, now: datetime) -> bool:
        return self.ended_at is None and self.session.expires_at > now

    def is_of(self, account_id: str, organization: str | None) -> bool:
        bound = self.session.bound
        return self.account_id == account_id and (
            organization is None or (bound is not None and bound.organization == organization)
        )

    @property
    def key(self) -> SessionKey:
        return SessionKey(self.session.session_id, self.account_id, self.session.bound)


class _Token(NamedTuple):
    session_id: UUID
    spent_at: datetime | None = None


class MemoryIdentityStore:
    """Nothing here waits, so each method is one step by itself."""

    def __init__(self) -> None:
        self._addresses: dict[bytes, str] = {}
        self._links: dict[UUID, Link] = {}
        self._redeemed: set[UUID] = set()
        self._sessions: dict[UUID, _Kept] = {}
        self._tokens: dict[bytes, _Token] = {}
        self._attempts: dict[bytes, tuple[bytes, bytes, datetime]] = {}
        self._subjects: dict[bytes, str] = {}
        self._verifiers: dict[str, str] = {}
        self.used_at: dict[Bound, datetime] = {}
        """When a session on a device was renewed last."""
        self.holders: dict[str, str | None] = {}
        """Whose each domain is that is known here."""
        self._ways: dict[bytes, Way] = {}
        self._ways_by_issuer: dict[bytes, Way] = {}
        self._deletions: dict[str, tuple[Deletion, datetime]] = {}

    async def account_of(self, address_digest: bytes) -> str | None:
        """Return whose address it is."""
        return self._addresses.get(address_digest)

    async def claim_address(
        self, address_digest: bytes, account_id: str, now: datetime, sealed: bytes | None = None
    ) -> str:
        """Give the address to the account unless it is somebody's."""
        self._ways.setdefault(address_digest, Way(uuid4(), "address", now, None, sealed, address_digest))
        return self._addresses.setdefault(address_digest, account_id)

    async def keep_link(self, link: Link) -> None:
        """Keep a link."""
        self._links[link.link_id] = link

    async def redeem_token(
        self, token_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem by the token."""
        for link in self._links.values():
            if link.token_digest == token_digest and self._is_open(link, now, organization):
                self._redeemed.add(link.link_id)
                return Redeemed(link.address_digest, link.address_sealed)
        return None

    async def redeem_code(
        self, link_id: UUID, code_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem by the code, and count the try."""
        link = self._links.get(link_id)
        if link is None or not self._is_open(link, now, organization) or not link.tries:
            return None
        self._links[link_id] = replace(link, tries=link.tries - 1)
        is_right = link.code_digest == code_digest
        if is_right:
            self._redeemed.add(link_id)
        return Redeemed(link.address_digest, link.address_sealed, is_right)

    async def begin_session(self, account_id: str, session: Session, token_digest: bytes) -> bool:
        """Begin a session, and end what is too many."""
        bound = session.bound
        if bound is not None and self.holders.get(bound.host or "", bound.organization) != bound.organization:
            return False
        self._sessions[session.session_id] = _Kept(account_id, session)
        self._tokens[token_digest] = _Token(session.session_id)
        for kept in self._of(account_id, session.began_at)[SESSIONS_MAX:]:
            self._end(kept.session.session_id, session.began_at)
        return True

    async def spend_token(
        self, token_digest: bytes, next_digest: bytes, now: datetime, *, unused: timedelta, lifetime: timedelta
    ) -> SessionKey | None:
        """Put the next token in the place of this one."""
        token = self._tokens.get(token_digest)
        if token is None or token.spent_at is not None or not self._sessions[token.session_id].goes_on(now):
            return None
        kept = self._sessions[token.session_id]
        unbound_until = min(now + unused, kept.session.began_at + lifetime)
        bound = kept.session.bound
        is_on_device = bound is not None and bound.device is not None
        expires_at = kept.session.expires_at if is_on_device else unbound_until
        if bound is not None:
            self.used_at[replace(bound, host=None)] = now
        self._tokens[token_digest] = token._replace(spent_at=now)
        self._tokens[next_digest] = _Token(token.session_id)
        self._sessions[token.session_id] = kept._replace(
            session=replace(kept.session, used_at=now, expires_at=expires_at)
        )
        return kept.key

    async def end_reused(self, token_digest: bytes, now: datetime) -> SessionKey | None:
        """End the session whose token was spent before."""
        token = self._tokens.get(token_digest)
        if token is None or token.spent_at is None:
            return None
        kept = self._sessions[token.session_id]
        if kept.ended_at is not None:
            return None
        self._end(token.session_id, now)
        return kept.key

    async def end_session(
        self, session_id: UUID, account_id: str, now: datetime, organization: str | None = None
    ) -> bool:
        """End one."""
        kept = self._sessions.get(session_id)
        if kept is None or not kept.is_of(account_id, organization) or kept.ended_at is not None:
            return False
        self._end(session_id, now)
        return True

    async def end_sessions(
        self, account_id: str, now: datetime, *, but: UUID | None = None, organization: str | None = None
    ) -> Collection[UUID]:
        """End all of an account but one, or those of an organization."""
        ended = [
            session_id
            for session_id, kept in self._sessions.items()
            if kept.is_of(account_id, organization) and kept.ended_at is None and session_id != but
        ]
        for session_id in ended:
            self._end(session_id, now)
        return ended

    def end_bound(
        self, organization: str, now: datetime, *, device: str | None = None, account: str | None = None
    ) -> Collection[UUID]:
        """End what began on devices of the organization: on one of them, or of one account."""
        ended = [
            session_id
            for session_id, kept in self._sessions.items()
            if kept.ended_at is None
            and kept.session.bound is not None
            and kept.session.bound.device is not None
            and kept.session.bound.organization == organization
            and device in (None, kept.session.bound.device)
            and account in (None, kept.account_id)
        ]
        for session_id in ended:
            self._end(session_id, now)
        return ended

    async def sessions_of(self, account_id: str, now: datetime) -> Sequence[Session]:
        """Return those that go on."""
        return [kept.session for kept in self._of(account_id, now)][:SESSIONS_MAX]

    async def ended_since(self, moment: datetime) -> Collection[UUID]:
        """Return those that were ended."""
        return [
            session_id
            for session_id, kept in self._sessions.items()
            if kept.ended_at is not None and kept.ended_at >= moment
        ]

    async def verifier_of(self, account_id: str) -> str | None:
        """Return what tells the account's password."""
        return self._verifiers.get(account_id)

    async def keep_verifier(self, account_id: str, verifier: str, now: datetime) -> None:  # noqa: ARG002
        """Put a verifier in the place of the one before."""
        self._verifiers[account_id] = verifier

    async def keep_attempt(
        self, state_digest: bytes, browser_digest: bytes, content_sealed: bytes, expires_at: datetime
    ) -> None:
        """Keep an attempt."""
        self._attempts[state_digest] = browser_digest, content_sealed, expires_at

    async def attempt(self, state_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept."""
        _, content, expires_at = self._attempts.get(state_digest, (b"", b"", now))
        return content if expires_at > now else None

    async def take_attempt(self, state_digest: bytes, browser_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once."""
        browser, content, expires_at = self._attempts.get(state_digest, (b"", b"", now))
        if browser != browser_digest or expires_at <= now:
            return None
        del self._attempts[state_digest]
        return content

    async def account_of_subject(self, subject_digest: bytes) -> str | None:
        """Return whose account it is."""
        return self._subjects.get(subject_digest)

    async def claim_subject(
        self, subject_digest: bytes, account_id: str, now: datetime, issuer: str | None = None
    ) -> str:
        """Give the subject to the account unless it is somebody's."""
        self._ways_by_issuer.setdefault(subject_digest, Way(uuid4(), "issuer", now, issuer=issuer))
        return self._subjects.setdefault(subject_digest, account_id)

    async def ways_of(self, account_id: str) -> Sequence[Way]:
        """Return the account's ways to sign in."""
        by_address = [self._ways[digest] for digest, account in self._addresses.items() if account == account_id]
        by_issuer = [self._ways_by_issuer[each] for each, account in self._subjects.items() if account == account_id]
        return sorted([*by_address, *by_issuer], key=lambda way: (way.since, way.way_id))[:WAYS_MAX]

    async def remove_way(self, account_id: str, way_id: UUID) -> Removal:
        """Remove one of several."""
        own = await self.ways_of(account_id)
        if not any(way.way_id == way_id for way in own):
            return "unknown"
        if len(own) == 1:
            return "last"
        self._addresses = {each: kept for each, kept in self._addresses.items() if self._ways[each].way_id != way_id}
        self._subjects = {
            each: kept for each, kept in self._subjects.items() if self._ways_by_issuer[each].way_id != way_id
        }
        self._ways = {each: self._ways[each] for each in self._addresses}
        self._ways_by_issuer = {each: self._ways_by_issuer[each] for each in self._subjects}
        return "removed"

    async def keep_deletion(self, deletion: Deletion, now: datetime) -> Deletion:
        """Remember it, unless it is."""
        known, asked_at = self._deletions.get(deletion.account_id, (deletion, now))
        known = replace(known, forgets=known.forgets or deletion.forgets)
        self._deletions[deletion.account_id] = known, asked_at
        return known

    async def deletions(self, before: datetime, limit: int) -> Sequence[Deletion]:
        """Return what is not done."""
        kept = sorted(self._deletions.values(), key=lambda each: each[1])
        return [deletion for deletion, asked_at in kept if asked_at <= before][:limit]

    async def delete_account(self, account_id: str) -> None:
        """Remove the account from everything that names one."""
        own = {digest for digest, account in self._addresses.items() if account == account_id}
        self._links = {each: link for each, link in self._links.items() if link.address_digest not in own}
        self._addresses = {digest: account for digest, account in self._addresses.items() if digest not in own}
        self._subjects = {each: account for each, account in self._subjects.items() if account != account_id}
        self._ways = {each: self._ways[each] for each in self._addresses}
        self._ways_by_issuer = {each: self._ways_by_issuer[each] for each in self._subjects}
        self._verifiers.pop(account_id, None)

    async def deletion_done(self, account_id: str) -> None:
        """Forget the deletion."""
        self._deletions.pop(account_id, None)

    async def accounts(self, after: str, limit: int) -> Sequence[str]:
        """Return accounts."""
        found = {*self._addresses.values(), *self._subjects.values(), *self._verifiers}
        return sorted(each for each in found if each > after)[:limit]

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove what was over."""
        links = [each for each, link in self._links.items() if link.expires_at < before][:limit]
        attempts = [each for each, attempt in self._attempts.items() if attempt[2] < before][:limit]
        tokens = [each for each, token in self._tokens.items() if token.spent_at and token.spent_at < before][:limit]
        sessions = [
            session_id
            for session_id, kept in self._sessions.items()
            if min(kept.ended_at or kept.session.expires_at, kept.session.expires_at) < before
        ][:limit]
        for link in links:
            del self._links[link]
        for attempt in attempts:
            del self._attempts[attempt]
        for session in sessions:
            del self._sessions[session]
        self._tokens = {
            digest: token
            for digest, token in self._tokens.items()
            if digest not in tokens and token.session_id in self._sessions
        }
        return len(links) + len(attempts) + len(tokens) + len(sessions)

    def _is_open(self, link: Link, now: datetime, organization: str | None) -> bool:
        return link.link_id not in self._redeemed and link.expires_at > now and link.organization == organization

    def _of(self, account_id: str, now: datetime) -> list[_Kept]:
        found = [kept for kept in self._sessions.values() if kept.account_id == account_id and kept.goes_on(now)]
        return sorted(found, key=lambda kept: (kept.session.used_at, kept.session.session_id), reverse=True)

    def _end(self, session_id: UUID, now: datetime) -> None:
        self._sessions[session_id] = self._sessions[session_id]._replace(ended_at=now)
