"""Passwords that are long enough and still among the first that are tried."""

_PARTS = (
    *("password", "passwort", "passw0rd", "motdepasse", "contrasena", "kennwort", "geheim", "secret", "hello", "hallo"),
    *("welcome", "willkommen", "letmein", "login", "admin", "administrator", "master", "default", "changeme", "test"),
    *("qwertyuiop", "qwertzuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdfgh", "yxcvbnm", "zxcvbnm", "abcdef"),
    *("iloveyou", "ichliebedich", "sunshine", "sommer", "summer", "winter", "football", "fussball", "monkey", "dragon"),
    *("princess", "schatz", "superman", "batman", "starwars", "pokemon", "consign", "flohmarkt", "fleamarket", "basar"),
)
_RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_DISTINCT_MIN = 5


def is_known_bad(password: str) -> bool:
    """Say whether a password is little more than a common word, a run of keys, or one thing again and again."""
    plain = password.casefold()
    if len(set(plain)) < _DISTINCT_MIN:
        return True
    if any(plain in run or plain in run[::-1] for run in _RUNS):
        return True
    left = plain
    for part in sorted(_PARTS, key=len, reverse=True):
        left = left.replace(part, "")
    return not any(character.isalpha() for character in left) and len(left) < len(plain)
