"""Keys of access tokens: the same in all processes of an installation, other ones each month, never told."""

import jwt

from consign.adapters.crypto.signing_keys import PERIOD_S, SigningKeys

SECRET = bytes(range(32))
NOW_S = 100 * PERIOD_S + 5.0
CLAIMS = {"sub": "anna"}


def at(now_s: float, secret: bytes = SECRET) -> SigningKeys:
    return SigningKeys(secret, now_s=lambda: now_s)


def key_id(token: str) -> str:
    found: str = jwt.get_unverified_header(token)["kid"]
    return found


def test_processes_that_share_a_secret_believe_each_other_and_nobody_else() -> None:
    named = key_id(at(NOW_S).sign(CLAIMS))
    assert at(NOW_S).known(named) is not None
    assert at(NOW_S, b"another secret of thirty-two byt").known(named) is None


def test_whoever_has_the_published_keys_can_check_a_token() -> None:
    keys = at(NOW_S)
    token = keys.sign(CLAIMS)
    published = jwt.PyJWKSet([dict(each) for each in keys.public()])
    assert jwt.decode(token, published[key_id(token)], algorithms=["ES256"]) == CLAIMS


def test_nothing_secret_is_published() -> None:
    assert [sorted(each) for each in at(NOW_S).public()] == [["alg", "crv", "kid", "kty", "use", "x", "y"]] * 3


def test_a_new_key_is_used_each_month_and_was_published_before() -> None:
    keys = [at(NOW_S + months * PERIOD_S) for months in range(3)]
    named = [key_id(each.sign(CLAIMS)) for each in keys]
    assert len(set(named)) == 3
    assert keys[0].known(named[1]) is not None, "clocks may differ"
    assert keys[1].known(named[0]) is not None, "a token outlives the change of keys"
    assert keys[2].known(named[0]) is None, "old keys vouch for nothing"


def test_a_running_process_changes_keys_by_itself() -> None:
    clock = [NOW_S]
    keys = SigningKeys(SECRET, now_s=lambda: clock[0])
    before = key_id(keys.sign(CLAIMS))
    clock[0] += PERIOD_S
    assert key_id(keys.sign(CLAIMS)) != before


def test_the_keys_stay_those_they_are() -> None:
    """Another derivation would sign everybody out: this id was computed when it was first written."""
    assert key_id(at(NOW_S).sign(CLAIMS)) == "0S2ACpuLDWFUdw8DOEQKLdx3YC6qKed8pXG95TDvh4Q"
