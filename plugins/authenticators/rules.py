"""What a new password must be like, beside its length. Pure.

No library: those that estimate guesses weigh megabytes and speak one language. These few
rules catch what guessers try first: what everybody uses, the name, what a finger slides over.
"""

from __future__ import annotations

from enum import StrEnum

COMMON = frozenset(
    [
        "password",
        "passwort",
        "passwd",
        "pass",
        "word",
        "secret",
        "geheim",
        "letmein",
        "letme",
        "welcome",
        "willkommen",
        "hello",
        "hallo",
        "login",
        "admin",
        "administrator",
        "root",
        "user",
        "test",
        "testing",
        "guest",
        "changeme",
        "change",
        "default",
        "master",
        "access",
        "qwerty",
        "qwertz",
        "qwertyuiop",
        "qwertzuiop",
        "azerty",
        "asdfgh",
        "asdfghjkl",
        "zxcvbn",
        "zxcvbnm",
        "yxcvbnm",
        "iloveyou",
        "loveyou",
        "love",
        "princess",
        "prinzessin",
        "sunshine",
        "monkey",
        "dragon",
        "football",
        "fussball",
        "baseball",
        "basketball",
        "soccer",
        "superman",
        "batman",
        "spiderman",
        "starwars",
        "pokemon",
        "trustno",
        "whatever",
        "freedom",
        "shadow",
        "michael",
        "michelle",
        "jennifer",
        "jessica",
        "jordan",
        "thomas",
        "andrew",
        "daniel",
        "charlie",
        "computer",
        "internet",
        "samsung",
        "google",
        "facebook",
        "jupyter",
        "jupyterhub",
        "hubgate",
        "jupyterlab",
        "python",
        "notebook",
        "server",
        "summer",
        "sommer",
        "winter",
        "spring",
        "autumn",
        "herbst",
        "january",
        "february",
        "monday",
        "flower",
        "cookie",
        "chocolate",
        "cheese",
        "ninja",
        "mustang",
        "harley",
        "matrix",
        "killer",
        "hunter",
        "ranger",
        "buster",
        "ginger",
        "pepper",
        "maggie",
        "ashley",
        "bailey",
        "banana",
        "orange",
        "purple",
        "azertyuiop",
        "qazwsx",
        "qweasd",
        "asd",
        "qwe",
        "zxc",
        "abc",
        "1q2w3e4r5t6y",
        "1q2w3e4r5t",
        "1q2w3e4r",
        "q1w2e3r4t5",
        "1qaz2wsx3edc",
        "1qaz2wsx",
    ]  # a list of this length is not read
)
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "01234567890")
LEET = str.maketrans("013457@$!|8", "oieastasiib")
DIFFERENT = 5
"""Characters that must differ."""
OF_ITS_OWN = 4
"""Letters that must be left when the known words, the name and slides over the keyboard are taken away."""


ADDED = 8
"""Digits and marks that people put around a word: a year, a date, `!!`."""


class Weak(StrEnum):
    """What is wrong with a password, in a sentence for logs and the API."""

    NOT = ""
    REPEATED = "password must not repeat the same few characters"
    NAME = "password must not be made of the user name"
    COMMON = "password must not be one of those that many people use"


def refusal(name: str, password: str) -> Weak:
    """What is wrong with this password for whoever has this name; `NOT`, which is "", when nothing is."""
    plain = password.casefold()
    if len(set(plain)) < DIFFERENT or _repeats(plain):
        return Weak.REPEATED
    left = plain
    for part in (name, *name.replace("@", " ").replace(".", " ").replace("-", " ").replace("_", " ").split()):
        if len(part) > 2:
            left = left.replace(part.casefold(), " ").replace(part.casefold()[::-1], " ")
    if left != plain and _own(left) < OF_ITS_OWN:
        return Weak.NAME
    if min(_own(_without_common(spelled)) for spelled in (left, left.translate(LEET))) < OF_ITS_OWN:
        return Weak.COMMON
    return Weak.NOT


def _without_common(text: str) -> str:
    for word in sorted(COMMON, key=len, reverse=True):
        text = text.replace(word, " ")
    return _without_slides(text)


def _without_slides(text: str) -> str:
    """Without four or more keys in a row, forwards or backwards."""
    for row in ROWS:
        for keys in (row, row[::-1]):
            for length in range(len(keys), 3, -1):
                for start in range(len(keys) - length + 1):
                    text = text.replace(keys[start : start + length], " ")
    return text


def _own(text: str) -> int:
    """How much of it is somebody's own: letters, and digits and marks beyond those that everybody adds."""
    letters = sum(char.isalpha() for char in text)
    others = sum(not char.isalpha() and not char.isspace() for char in text)
    return letters + max(0, others - ADDED)


def _repeats(text: str) -> bool:
    """Is it one short piece again and again?"""
    return any(
        len(text) > 2 * size and text == (text[:size] * len(text))[: len(text)] for size in range(1, min(5, len(text)))
    )
