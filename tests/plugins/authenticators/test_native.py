from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from gateway.errors import BadInput, TooMany
from gateway.model import Login
from plugins.authenticators import native, passwords
from plugins.authenticators.native import NativeAuthenticator, NativeOptions, gateway_authenticators
from tests.plugins.contracts import REQUEST, authenticator_contract
from tests.plugins.storage import MemoryStorage

PASSWORD = "correct horse battery"


class Quick(NativeAuthenticator):
    """With bcrypt's lowest cost, and a clock that the test sets."""

    rounds = 4

    def __init__(self, storage: MemoryStorage, max_failures: int = 3) -> None:
        super().__init__(NativeOptions(max_failures=max_failures), storage)
        self.time = 1_000_000.0
        self.now: Callable[[], float] = lambda: self.time

    async def log_in(self, name: str, password: str) -> Login | None:
        return await self.authenticate({"username": name, "password": password}, REQUEST)

    async def fail(self, name: str, times: int) -> None:
        for _ in range(times):
            assert await self.log_in(name, "wrong") is None


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
async def auth(storage: MemoryStorage) -> Quick:
    made = Quick(storage)
    await made.set_password("alice", PASSWORD)
    return made


async def test_it_keeps_the_contract(storage: MemoryStorage, auth: Quick) -> None:
    await authenticator_contract(lambda: Quick(storage), {"username": "alice", "password": PASSWORD})


async def test_what_is_kept_is_a_slow_hash_and_nothing_else(storage: MemoryStorage, auth: Quick) -> None:
    assert list(storage.rows) == ["password:alice"]
    assert storage.rows["password:alice"].startswith('"$2b$04$')
    assert NativeAuthenticator.rounds == 12


async def test_a_wrong_password_and_an_unknown_name_are_none(auth: Quick) -> None:
    assert await auth.log_in("alice", PASSWORD + " ") is None
    assert await auth.log_in("alice", "") is None
    assert await auth.log_in("nobody", PASSWORD) is None


@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_failures_lock_a_name_known_or_not(auth: Quick, name: str) -> None:
    await auth.fail(name, 3)
    auth.time += 1
    with pytest.raises(TooMany) as refusal:
        await auth.log_in(name, PASSWORD)
    assert refusal.value.message == "Too many failed log-ins; try again in 5 minutes"
    assert refusal.value.retry_after == 299


async def test_a_lock_is_per_name_and_ends(auth: Quick) -> None:
    await auth.set_password("bob", PASSWORD)
    await auth.fail("ALICE", 3)
    assert await auth.log_in("bob", PASSWORD) == Login("bob")
    auth.time += 300
    assert await auth.log_in("alice", PASSWORD) == Login("alice")


async def test_a_good_log_in_clears_the_count(storage: MemoryStorage, auth: Quick) -> None:
    await auth.fail("alice", 2)
    assert await auth.log_in("alice", PASSWORD)
    assert list(storage.rows) == ["password:alice"]
    await auth.fail("alice", 2)
    assert await auth.log_in("alice", PASSWORD)


async def test_a_restart_clears_no_lock(storage: MemoryStorage, auth: Quick) -> None:
    await auth.fail("alice", 3)
    with pytest.raises(TooMany):
        await Quick(storage).log_in("alice", PASSWORD)


async def test_attempts_while_locked_do_not_prolong_it(auth: Quick) -> None:
    await auth.fail("alice", 3)
    for _ in range(3):
        auth.time += 90
        with pytest.raises(TooMany):
            await auth.log_in("alice", "wrong")
    auth.time += 30
    assert await auth.log_in("alice", PASSWORD)


@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_attempts_at_once_are_all_counted(auth: Quick, name: str) -> None:
    answers = await asyncio.gather(*(auth.log_in(name, f"guess {n}") for n in range(20)), return_exceptions=True)
    assert answers.count(None) == 3
    assert sum(isinstance(answer, TooMany) for answer in answers) == 17


async def test_a_known_and_an_unknown_name_cost_the_same_work(
    storage: MemoryStorage, auth: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    matches = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda given, kept: compared.append(kept[:7]) or matches(given, kept))
    work = {}
    for name in ("alice", "nobody"):
        before = storage.writes
        await auth.fail(name, 1)
        work[name] = (compared.pop(), storage.writes - before, len(compared))
    assert work["alice"] == work["nobody"] == ("$2b$04$", 1, 0)


async def test_random_names_fill_neither_storage_nor_memory(
    storage: MemoryStorage, auth: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "UNKNOWN_NAMES", 5)
    for n in range(20):
        await auth.fail(f"random {n}", 1)
    assert set(storage.rows) == {"password:alice", "failures:"}
    assert len(auth._unknown) == 5
    assert len(auth._locks) == 0


async def test_a_new_password_lifts_the_lock(auth: Quick) -> None:
    await auth.fail("alice", 3)
    await auth.fail("bob", 3)
    for name in ("alice", "bob"):
        await auth.set_password(name, "another long password")
        assert await auth.log_in(name, "another long password") == Login(name)
        assert await auth.log_in(name, PASSWORD) is None


async def test_forgetting_leaves_nothing(storage: MemoryStorage, auth: Quick) -> None:
    await auth.fail("alice", 1)
    await auth.forget("Alice")
    assert storage.rows == {}
    assert await auth.log_in("alice", PASSWORD) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 12 characters"),
        ("elevenchars", "at least 12 characters"),
        ("e\u0301" * 11, "at least 12 characters"),
        ("x" * 1025, "not be longer than 1024 bytes"),
        ("ü" * 513, "not be longer than 1024 bytes"),
        ("password1234", "many people use"),
        ("alice-alice-1", "user name"),
        ("ababababababab", "few characters"),
    ],
)
async def test_an_unfit_password_is_refused_in_words(auth: Quick, password: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await auth.set_password("alice", password)
    assert await auth.log_in("alice", PASSWORD)


async def test_the_longest_password_works(auth: Quick) -> None:
    longest = "übermaß " * 102
    await auth.set_password("alice", longest)
    assert await auth.log_in("alice", longest)
    assert await auth.log_in("alice", longest[:-1]) is None


async def test_a_bad_name_gets_no_password(auth: Quick) -> None:
    with pytest.raises(BadInput, match="user name"):
        await auth.set_password("a/b", PASSWORD)


async def test_hashing_leaves_the_event_loop_free(storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    auth, running, most = Quick(storage, 100), [0], [0]
    lock = threading.Lock()

    def slow(given: str, kept: str) -> bool:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with lock:
            running[0] -= 1
        return False

    monkeypatch.setattr(passwords, "matches", slow)
    monkeypatch.setattr(auth, "_slots", asyncio.Semaphore(2))
    logins = asyncio.gather(*(auth.log_in(f"name {n}", "x") for n in range(6)))
    ticks = 0
    while not logins.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert await logins == [None] * 6
    assert most == [2]
    assert ticks > 10


async def test_more_log_ins_at_once_than_can_be_served_are_refused(
    auth: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "WAITING", 2)
    answers = await asyncio.gather(*(auth.log_in(f"name {n}", "x") for n in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, TooMany) for answer in answers) == 3
    assert await auth.log_in("alice", PASSWORD)


@pytest.mark.parametrize(
    "options", [{"max_failures": 0}, {"lockout_seconds": 0}, {"min_length": 0}, {"min_length": 1000}, {"sign_up": True}]
)
def test_options_out_of_range_are_mistakes(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NativeOptions.model_validate(options)


def test_the_defaults_are_those_of_the_settings() -> None:
    assert NativeOptions().model_dump() == {
        "max_failures": 5,
        "lockout_seconds": 300,
        "min_length": 12,
        "signup": False,
        "approval": True,
    }


@pytest.mark.parametrize(
    ("options", "sign_up", "warned"),
    [
        ({}, "closed", False),
        ({"approval": False}, "closed", False),
        ({"signup": True}, "approval", False),
        ({"signup": True, "approval": False}, "open", True),
    ],
)
def test_sign_up_is_closed_unless_the_settings_open_it(
    storage: MemoryStorage, options: dict[str, bool], sign_up: str, warned: bool
) -> None:
    made = NativeAuthenticator(NativeOptions.model_validate(options), storage)
    assert (made.sign_up, bool(made.warnings())) == (sign_up, warned)


async def test_what_a_sign_up_keeps_is_not_kept_yet(storage: MemoryStorage, auth: Quick) -> None:
    kept = await auth.registered("bob", "another long password")
    assert set(kept) <= set(auth.user_keys)
    assert list(storage.rows) == ["password:alice"]
    await storage.put("password:bob", kept["password"])
    assert await auth.log_in("bob", "another long password") == Login("bob")
    with pytest.raises(BadInput, match="password must"):
        await auth.registered("bob", "short")


async def test_a_new_name_has_none_of_the_failures_of_who_only_tried_it(storage: MemoryStorage, auth: Quick) -> None:
    await auth.fail("alicia", 3)
    await storage.put("password:alicia", await auth.storage.get("password:alice"))
    await auth.rename("alice", "alicia")
    assert await auth.log_in("alicia", PASSWORD) == Login("alicia")


def test_the_hook_offers_it() -> None:
    assert gateway_authenticators() == {"native": NativeAuthenticator}
