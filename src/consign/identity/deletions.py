"""Deleting an account: nobody signs in as it any more, and it is a member of nothing.

What is to be done is remembered first and goes on, step by step, until it is done: each step may be repeated. What
organizations keep of the person (statements, payouts, a profile) is theirs; they forget it where that is asked for.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7

from consign.identity.ports import KeptMails, SignInFailed, Visit
from consign.identity.sessions import Sessions, utc_now
from consign.identity.store import Deletion, IdentityStore

FRESH = timedelta(minutes=15)
"""So long ago at most whoever deletes their account has signed in."""
ACCOUNTS_A_PAGE = 1_000


class LeadsAlone(Exception):
    """Organizations would be left without anybody who leads them: `organizations` names some."""

    def __init__(self, organizations: Sequence[str]) -> None:
        super().__init__(organizations)
        self.organizations = organizations


class Organizations(Protocol):
    """Where accounts are members."""

    async def led_alone_by(self, account: str) -> Sequence[str]:
        """Return organizations that nobody else leads."""
        ...

    async def left(self, deletion: Deletion) -> Sequence[str]:
        """End the account's memberships, and return where that could not be done; repeating changes nothing."""
        ...


class Facts(Protocol):
    """Records on the platform that accounts are over, and knows which are."""

    async def account_deleted(self, visit: Visit, account: str, by: str, deletion: UUID) -> None:
        """Destroy what is sealed of the account; nobody signs in as it any more. Repeating it changes nothing."""
        ...

    async def forgotten(self, accounts: Collection[str]) -> Collection[str]:
        """Return those of the accounts that are over for good."""
        ...


class Deletions:
    """Begins deletions, and goes on with those that are not done."""

    def __init__(
        self,
        store: IdentityStore,
        facts: Facts,
        sessions: Sessions,
        organizations: Organizations,
        mails: KeptMails,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._sessions = sessions
        self._organizations = organizations
        self._mails = mails
        self._now = now

    async def delete_own(self, visit: Visit, account: str, session_id: UUID, *, forgets: bool) -> bool:
        """Delete the account of whoever signed in a moment ago; raises SignInFailed and what `delete` does."""
        sessions = await self._sessions.of(account)
        if not any(each.session_id == session_id and self._now() - each.began_at <= FRESH for each in sessions):
            raise SignInFailed
        return await self.delete(visit, account, by=account, forgets=forgets)

    async def delete(self, visit: Visit, account: str, *, by: str, forgets: bool) -> bool:
        """Delete an account; raises LeadsAlone. False: it is begun, and something is left to be done later.

        So it is where MailUnavailable is raised.
        """
        alone = await self._organizations.led_alone_by(account)
        if alone:
            raise LeadsAlone(alone)
        return await self._go_on(visit, await self._store.keep_deletion(_new(account, by, forgets), self._now()))

    async def is_over(self, account: str) -> bool:
        """Say whether the account was deleted, although something of it may be left."""
        return bool(await self._facts.forgotten((account,)))

    async def go_on(self, before: datetime, limit: int) -> int:
        """Go on with what was begun before that moment, `limit` at most, and return how many are done."""
        deletions = await self._store.deletions(before, limit)
        visits = [(Visit("", "", each.deletion_id), each) for each in deletions]
        return sum([await self._go_on(visit, each) for visit, each in visits])

    async def begin_again(self) -> int:
        """Delete again what a restore has brought back of accounts that were over; return how many."""
        found, after = 0, ""
        while accounts := await self._store.accounts(after, ACCOUNTS_A_PAGE):
            over = await self._facts.forgotten(accounts)
            for account in over:
                await self._store.keep_deletion(_new(account, account, forgets=False), self._now())
            found, after = found + len(over), accounts[-1]
        return found

    async def _go_on(self, visit: Visit, deletion: Deletion) -> bool:
        account = deletion.account_id
        ways = await self._store.ways_of(account)
        await self._mails.forget([way.address_digest for way in ways if way.address_digest is not None])
        await self._facts.account_deleted(visit, account, deletion.by_account, deletion.deletion_id)
        await self._sessions.end_all(visit, account, "account_deleted")
        await self._store.delete_account(account)
        if await self._organizations.left(deletion):
            return False
        await self._store.deletion_done(account)
        return True


def _new(account: str, by: str, forgets: bool) -> Deletion:
    return Deletion(account, uuid7(), by, forgets)
