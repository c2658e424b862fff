"""What signing in may rely on: the same promises in memory and in Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.identity.store import (
    SESSIONS_MAX,
    Bound,
    Deletion,
    IdentityStore,
    IdentityUnavailable,
    Link,
    Redeemed,
    Session,
    SessionKey,
)
from tests.support.cluster import Database

NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=20)
WEEK, YEAR = timedelta(days=7), timedelta(days=365)
ADDRESS, SEALED = sha256(b"ada@example.org").digest(), b"sealed"
TOKEN, CODE, WRONG = (sha256(each).digest() for each in (b"token", b"123456", b"000000"))
FIRST, SECOND, THIRD = (sha256(each).digest() for each in (b"first", b"second", b"third"))


@pytest.fixture
async def store(identity_url: str | None) -> AsyncIterator[IdentityStore]:
    if identity_url is None:
        yield MemoryIdentityStore()
        return
    postgres = PostgresIdentityStore(identity_url)
    yield postgres
    await postgres.close()


async def sent(store: IdentityStore, tries: int = 3) -> UUID:
    link_id = uuid4()
    await store.keep_link(Link(link_id, ADDRESS, SEALED, TOKEN, CODE, NOW + timedelta(minutes=15), tries))
    return link_id


async def begun(store: IdentityStore, account: str = "ada", token: bytes = FIRST, at: datetime = NOW) -> UUID:
    session = Session(uuid4(), "Firefox on Linux", at, at, at + WEEK)
    await store.begin_session(account, session, token)
    return session.session_id


async def spent(store: IdentityStore, token: bytes, following: bytes, at: datetime = SOON) -> SessionKey | None:
    return await store.spend_token(token, following, at, unused=WEEK, lifetime=YEAR)


async def test_an_address_stays_with_whoever_had_it_first(store: IdentityStore) -> None:
    assert await store.account_of(ADDRESS) is None
    assert await store.claim_address(ADDRESS, "ada", NOW) == "ada"
    assert await store.claim_address(ADDRESS, "bob", NOW) == "ada"
    assert await store.account_of(ADDRESS) == "ada"


async def test_a_link_is_redeemed_once_by_token_or_code(store: IdentityStore) -> None:
    link_id = await sent(store)
    assert await store.redeem_token(TOKEN, SOON) == Redeemed(ADDRESS, SEALED)
    assert await store.redeem_token(TOKEN, SOON) is None
    assert await store.redeem_code(link_id, CODE, SOON) is None


async def test_a_link_shown_twice_at_once_is_redeemed_once(store: IdentityStore) -> None:
    link_id = await sent(store)
    answers = await asyncio.gather(
        *(store.redeem_token(TOKEN, SOON) for _ in range(3)),
        *(store.redeem_code(link_id, CODE, SOON) for _ in range(3)),
    )
    assert sum(answer is not None for answer in answers) == 1


async def test_a_link_counts_for_the_organization_that_it_was_asked_for_under(store: IdentityStore) -> None:
    link_id = uuid4()
    await store.keep_link(Link(link_id, ADDRESS, SEALED, TOKEN, CODE, LATER, 3, "alpe"))
    for elsewhere in (None, "other"):
        assert await store.redeem_token(TOKEN, SOON, elsewhere) is None
        assert await store.redeem_code(link_id, CODE, SOON, elsewhere) is None
    assert await store.redeem_code(link_id, CODE, SOON, "alpe") == Redeemed(ADDRESS, SEALED)


async def test_a_session_for_one_organization_stays_so_and_goes_on_like_any_other(store: IdentityStore) -> None:
    session = Session(uuid4(), "Firefox", NOW, NOW, NOW + WEEK, Bound("alpe", host="fair.example.org"))
    await store.begin_session("ada", session, FIRST)
    assert await spent(store, FIRST, SECOND) == SessionKey(session.session_id, "ada", session.bound)
    (listed,) = await store.sessions_of("ada", SOON)
    assert (listed.bound, listed.expires_at) == (session.bound, SOON + WEEK)


async def test_no_session_begins_under_a_domain_that_is_anothers_or_nobodys_by_now(store: IdentityStore) -> None:
    domain, other = "fair.example.org", Bound("other", host="fair.example.org")
    session = Session(uuid4(), "Firefox", NOW, NOW, NOW + WEEK, Bound("alpe", host=domain))
    for holder, bound in (("other", other), (None, other)):
        await held(store, domain, holder)
        assert not await store.begin_session("ada", session, FIRST)
        assert await spent(store, FIRST, SECOND) is None
        assert await store.begin_session("ada", replace(session, bound=bound), FIRST) is (holder is not None)
        assert await store.end_sessions("ada", SOON) == ([session.session_id] if holder else [])
        session = replace(session, session_id=uuid4())
    assert await store.begin_session("ada", replace(session, bound=Bound("alpe", host="alpe.consign.test")), THIRD)


async def held(store: IdentityStore, domain: str, holder: str | None) -> None:
    """Let the domain be the organization's, or nobody's after it was."""
    if isinstance(store, MemoryIdentityStore):
        store.holders[domain] = holder
        return
    assert isinstance(store, PostgresIdentityStore)
    web = PostgresWebStore(store.connections)
    await web.claim_domain(domain, holder or "other", NOW)
    if holder is None:
        await web.release_domain(domain, "other")


async def test_sessions_of_one_organization_are_ended_without_the_others(store: IdentityStore) -> None:
    everywhere = await begun(store)
    there = [Session(uuid4(), "Firefox", NOW, NOW, NOW + WEEK, Bound(each)) for each in ("alpe", "alpe", "other")]
    for session, token in zip(there, (SECOND, THIRD, WRONG), strict=True):
        await store.begin_session("ada", session, token)
    first, second, others = (each.session_id for each in there)
    assert not await store.end_session(everywhere, "ada", SOON, "alpe")
    assert not await store.end_session(others, "ada", SOON, "alpe")
    assert await store.end_session(first, "ada", SOON, "alpe")
    assert list(await store.end_sessions("ada", SOON, organization="alpe")) == [second]
    assert {each.session_id for each in await store.sessions_of("ada", SOON)} == {everywhere, others}


async def test_a_link_past_its_time_is_nothing(store: IdentityStore) -> None:
    link_id = await sent(store)
    assert await store.redeem_token(TOKEN, LATER) is None
    assert await store.redeem_code(link_id, CODE, LATER) is None


async def test_wrong_codes_use_up_the_tries_and_the_right_one_comes_too_late(store: IdentityStore) -> None:
    link_id = await sent(store, tries=2)
    for _ in range(2):
        assert await store.redeem_code(link_id, WRONG, SOON) == Redeemed(ADDRESS, SEALED, is_right=False)
    assert await store.redeem_code(link_id, CODE, SOON) is None
    assert await store.redeem_token(TOKEN, SOON) == Redeemed(ADDRESS, SEALED)


async def test_a_refresh_token_is_spent_for_the_next_one(store: IdentityStore) -> None:
    session = await begun(store)
    assert await spent(store, FIRST, SECOND) == SessionKey(session, "ada")
    assert await spent(store, FIRST, THIRD) is None
    assert await spent(store, SECOND, THIRD) == SessionKey(session, "ada")
    (listed,) = await store.sessions_of("ada", SOON)
    assert (listed.used_at, listed.expires_at) == (SOON, SOON + WEEK)


async def test_of_two_that_spend_one_token_at_once_one_succeeds(store: IdentityStore) -> None:
    await begun(store)
    answers = await asyncio.gather(spent(store, FIRST, SECOND), spent(store, FIRST, THIRD))
    assert sum(answer is not None for answer in answers) == 1


async def test_a_session_does_not_outlive_its_lifetime_however_often_it_is_used(store: IdentityStore) -> None:
    await begun(store)
    hour = timedelta(hours=1)
    assert await store.spend_token(FIRST, SECOND, SOON, unused=WEEK, lifetime=hour) is not None
    assert await store.spend_token(SECOND, THIRD, NOW + hour, unused=WEEK, lifetime=hour) is None
    assert await store.sessions_of("ada", NOW + hour) == []


async def test_a_token_that_comes_again_ends_its_session_and_an_unknown_one_ends_none(store: IdentityStore) -> None:
    session = await begun(store)
    assert await store.end_reused(FIRST, SOON) is None
    assert await store.end_reused(WRONG, SOON) is None
    await spent(store, FIRST, SECOND)
    assert await store.end_reused(FIRST, SOON) == SessionKey(session, "ada")
    assert await store.end_reused(FIRST, SOON) is None
    assert await spent(store, SECOND, THIRD) is None


async def test_sessions_are_ended_by_their_own_account_alone(store: IdentityStore) -> None:
    session = await begun(store)
    other = await begun(store, "bob", SECOND)
    assert not await store.end_session(session, "bob", SOON)
    assert await store.end_session(session, "ada", SOON)
    assert not await store.end_session(session, "ada", SOON)
    assert await store.ended_since(SOON) == [session]
    assert await store.ended_since(LATER) == []
    assert [each.session_id for each in await store.sessions_of("bob", SOON)] == [other]


async def test_all_sessions_of_an_account_end_at_once(store: IdentityStore) -> None:
    sessions = {await begun(store), await begun(store, token=SECOND)}
    await begun(store, "bob", THIRD)
    assert set(await store.end_sessions("ada", SOON)) == sessions
    assert list(await store.end_sessions("ada", SOON)) == []
    assert len(await store.sessions_of("bob", SOON)) == 1


async def test_all_sessions_but_one_end(store: IdentityStore) -> None:
    kept, other = await begun(store), await begun(store, token=SECOND)
    assert list(await store.end_sessions("ada", SOON, but=kept)) == [other]
    assert [each.session_id for each in await store.sessions_of("ada", SOON)] == [kept]


async def test_a_verifier_takes_the_place_of_the_one_before(store: IdentityStore) -> None:
    assert await store.verifier_of("ada") is None
    for verifier in ("$argon2id$first", "$argon2id$second"):
        await store.keep_verifier("ada", verifier, NOW)
    assert await store.verifier_of("ada") == "$argon2id$second"
    assert await store.verifier_of("bob") is None


async def test_too_many_sessions_end_the_one_that_was_used_longest_ago(store: IdentityStore) -> None:
    digests = [sha256(b"%d" % number).digest() for number in range(SESSIONS_MAX + 1)]
    sessions = [
        await begun(store, token=digest, at=NOW + timedelta(seconds=number)) for number, digest in enumerate(digests)
    ]
    assert {each.session_id for each in await store.sessions_of("ada", SOON)} == set(sessions[1:])
    assert await store.ended_since(NOW) == [sessions[0]]


async def test_an_attempt_is_taken_once_by_its_own_browser_in_time(store: IdentityStore) -> None:
    state, browser, other = TOKEN, CODE, WRONG
    await store.keep_attempt(state, browser, SEALED, NOW + timedelta(minutes=10))
    assert await store.take_attempt(state, other, SOON) is None
    assert await store.take_attempt(state, browser, LATER) is None
    answers = await asyncio.gather(*(store.take_attempt(state, browser, SOON) for _ in range(3)))
    assert sorted(answers, key=bool) == [None, None, SEALED]


async def test_an_issuers_subject_stays_with_whoever_had_it_first(store: IdentityStore) -> None:
    assert await store.account_of_subject(TOKEN) is None
    assert await store.claim_subject(TOKEN, "ada", NOW) == "ada"
    assert await store.claim_subject(TOKEN, "bob", NOW) == "ada"
    assert await store.account_of_subject(TOKEN) == "ada"


async def test_what_was_over_is_removed_and_what_goes_on_stays(store: IdentityStore) -> None:
    await sent(store)
    ended = await begun(store)
    await store.end_session(ended, "ada", SOON)
    going = await begun(store, token=SECOND)
    await spent(store, SECOND, THIRD)
    assert await store.purge(LATER, 1) > 0
    while await store.purge(LATER, 1):
        pass
    assert await store.redeem_token(TOKEN, NOW) is None
    assert await store.ended_since(NOW) == []
    assert await store.end_reused(SECOND, LATER) is None, "it was spent too long ago to be known"
    assert await spent(store, THIRD, FIRST, LATER) == SessionKey(going, "ada")


async def test_the_role_reaches_what_people_sign_in_with_and_nothing_else(database: Database) -> None:
    for url, table in (
        (database.identity_url, "consign.events"),
        (database.identity_url, "consign.subject_keys"),
        (database.writer_url, "identity.sessions"),
        (database.reader_url, "identity.links"),
        (database.projector_url, "identity.refresh_tokens"),
    ):
        connection = await asyncpg.connect(url)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT 1 FROM {table}")
        await connection.close()
    connection = await asyncpg.connect(database.identity_url)
    role = await connection.fetchrow("SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user")
    assert role is not None
    assert tuple(role) == (False, False)
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
    await connection.close()


async def test_a_database_that_is_away_is_said_to_be(database: Database) -> None:
    store = PostgresIdentityStore(database.identity_url.replace("consign_identity:", "consign_identity:not"))
    with pytest.raises(IdentityUnavailable):
        await store.account_of(ADDRESS)
    await store.close()


async def test_an_account_goes_with_all_that_it_signs_in_with_and_the_intention_stays_until_it_is_done(
    store: IdentityStore,
) -> None:
    link = await sent(store)
    for account, digest in (("ada", ADDRESS), ("ben", TOKEN)):
        await store.claim_address(digest, account, NOW)
        await store.claim_subject(digest, account, NOW)
        await store.keep_verifier(account, "verifier", NOW)
    first = Deletion("ada", uuid4(), "ada", forgets=False)
    assert await store.keep_deletion(first, NOW) == first
    again = await store.keep_deletion(Deletion("ada", uuid4(), "olive", forgets=True), SOON)
    assert again == replace(first, forgets=True)
    await store.delete_account("ada")
    assert await store.redeem_code(link, CODE, SOON) is None
    assert (await store.account_of(ADDRESS), await store.account_of_subject(ADDRESS)) == (None, None)
    assert (await store.verifier_of("ada"), await store.verifier_of("ben")) == (None, "verifier")
    assert (await store.accounts("", 9), await store.accounts("ben", 9)) == (["ben"], [])
    assert await store.deletions(NOW, 9) == [again]
    await store.deletion_done("ada")
    assert await store.deletions(LATER, 9) == []


async def test_of_two_ways_that_are_removed_at_once_one_stays(store: IdentityStore) -> None:
    await store.claim_address(ADDRESS, "ada", NOW, SEALED)
    await store.claim_subject(TOKEN, "ada", SOON, "https://login.example.org")
    await store.claim_address(CODE, "ben", NOW)
    by_address, by_issuer = await store.ways_of("ada")
    assert (by_address.address_digest, by_issuer.address_digest) == (ADDRESS, None)
    assert (by_address.kind, by_address.address_sealed, by_address.since) == ("address", SEALED, NOW)
    assert (by_issuer.kind, by_issuer.issuer, by_issuer.since) == ("issuer", "https://login.example.org", SOON)
    assert await store.remove_way("ben", by_address.way_id) == "unknown"
    ways = [by_address.way_id, by_issuer.way_id]
    found = await asyncio.gather(*(store.remove_way("ada", way) for way in ways))
    assert sorted(found) == ["last", "removed"]
    assert len(await store.ways_of("ada")) == 1
