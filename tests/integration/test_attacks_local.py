"""Attacks 7, 8, 9, 10: what a user server, which runs any code, gets from the gateway beside it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import psutil
import pytest
from websockets.sync.client import unix_connect

from gateway.channel.messages import VERSION
from tests.integration.client import Client
from tests.integration.harness import Gateway
from tests.integration.hostile import Hostile
from tests.integration.wire import Wire, ask, people, session, start

pytestmark = pytest.mark.sockets

ADMIN_PASSWORD = "from-the-environment"
SECRETIVE = {"HUBGATE_ADMIN_PASSWORD": ADMIN_PASSWORD, "DATABASE_PASSWORD": "let-me-in", "PYTHONWARNINGS": "default"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    settings = hostile.settings("alice", "mallory")
    settings["authenticator"]["plugin"] = ["dummy", "native"]
    with Gateway(tmp_path_factory.mktemp("gw"), settings, env=SECRETIVE) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Iterator[Client]:
    """Logged in, while servers of alice and mallory run."""
    with people(gateway, "alice", "mallory", "admin") as clients:
        start(clients, "alice", "alice/gpu", "mallory")
        yield clients["admin"]


@pytest.fixture(scope="module")
def token(gateway: Gateway, admin: Client) -> str:
    return gateway.run("token", "mallory").stdout.strip()


@pytest.fixture
def run(gateway: Gateway, token: str) -> Any:
    """Run code in mallory's server; it leaves its `result`."""

    def run(code: str, **names: Any) -> Any:
        body = "".join(f"{name} = {value!r}\n" for name, value in names.items()) + code
        with Wire(gateway) as wire:
            reply = wire.ask("/user/mallory/run", {"Authorization": f"token {token}"}, "POST", body.encode())
        assert reply.status == 200, reply
        return json.loads(reply.body)

    return run


# ── 7, 8: straight to the hub ────────────────────────────────────────────────

TO_THE_HUB = """
import socket
result = []
for head in heads:
    with socket.socket(socket.AF_UNIX) as hub:
        hub.settimeout(5)
        hub.connect(path)
        hub.sendall(head.encode())
        answer = b""
        while data := hub.recv(65536):
            answer += data
        result.append(answer.decode("latin-1"))
"""
SECRETS = ["", "x", "0" * 43, "None", "null", "{}"]
TARGETS = ["/hub/api/user", "/hub/home", "/hub/login", "/hub/health", "/hub/api", "/channel", "/"]


def known(client: Client) -> str:
    """What the hub's database has of this session; all processes of the same user can read that."""
    return hashlib.sha256(session(client).encode()).hexdigest()


def test_the_hub_tells_nothing_without_the_secret(gateway: Gateway, run: Any, admin: Client) -> None:
    """7. Not even what is there. No secret, a guessed one, two of them, in another header."""
    claims = ["X-Hubgate-User: admin", f"X-Hubgate-Credential: session {known(admin)}", "X-Forwarded-For: 127.0.0.1"]
    said: list[list[str]] = [[], *([f"X-Hubgate-Secret: {secret}"] for secret in SECRETS)]
    said += [["X-Hubgate-Secret: x", "X-Hubgate-Secret: y"], ["X_Hubgate_Secret: x"], ["Authorization: Bearer x"]]
    heads = [
        "\r\n".join([f"GET {target} HTTP/1.1", "Host: hub", "Connection: close", *claims, *secret]) + "\r\n\r\n"
        for target in TARGETS
        for secret in said
    ]
    answers = run(TO_THE_HUB, heads=heads, path=str(gateway.data_dir / "run" / "hub.sock"))
    assert len(answers) == len(heads)
    for answer in answers:
        assert answer.startswith("HTTP/1.1 403 ")
        assert answer.endswith("\r\n\r\nForbidden")
        assert "hubgate" not in answer.lower()


def test_the_workers_word_cannot_be_said_through_the_gateway(gateway: Gateway, admin: Client) -> None:
    """7. The header of the secret, and the credential that a worker has looked up."""
    for name in ("X-Hubgate-Credential", "x_hubgate_credential"):
        claims = {name: f"session {known(admin)}", "X-Hubgate-Secret": "x", "X-Hubgate-User": "admin"}
        assert ask(gateway, "/hub/api/user", claims).status == 403
        assert ask(gateway, "/channel", claims).status == 404


CHANNEL = """
import asyncio, websockets
async def attempt(headers):
    try:
        async with websockets.unix_connect(path, "ws://hub/channel", additional_headers=headers) as channel:
            return await channel.recv()
    except websockets.InvalidStatus as error:
        return error.response.status_code
result = [asyncio.run(attempt(headers)) for headers in attempts]
"""


def test_nobody_joins_the_channel(gateway: Gateway, run: Any) -> None:
    """8. As a worker: without the secret, with a wrong one, with what the gateway's own user can see of it."""
    path = gateway.data_dir / "run" / "hub.sock"
    attempts = [{}, *({"X-Hubgate-Secret": secret} for secret in SECRETS)]
    assert run(CHANNEL, attempts=attempts, path=str(path)) == [403] * len(attempts)
    assert not (gateway.data_dir / "channel.key").exists()  # handed on by a pipe


JOIN = """
import errno, socket
result = []
for address in ("127.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "::"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for option in (socket.SO_REUSEPORT, socket.SO_REUSEADDR):
        with socket.socket(family) as thief:
            thief.setsockopt(socket.SOL_SOCKET, option, 1)
            if family == socket.AF_INET6:
                thief.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            try:
                thief.bind((address, port))
                thief.listen()
                result.append("joined")
            except OSError as error:
                result.append(errno.errorcode[error.errno])
"""


def test_nobody_joins_the_gateways_port(gateway: Gateway, run: Any) -> None:
    """8. With SO_REUSEPORT a process of the same user would get a share of all connections."""
    assert run(JOIN, port=gateway.port) == ["EADDRINUSE"] * 8


@pytest.fixture
def halves(tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path, commands=("hub", "proxy")) as gateway:
        yield gateway


def test_an_old_boot_is_no_start(halves: Gateway) -> None:
    """8. Whoever resumes what this hub has never said gets everything anew, or is put out. Not without the secret."""
    file = halves.data_dir / "channel.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = file.read_text().strip()
    path = str(halves.data_dir / "run" / "hub.sock")
    with hello(path, secret, "", 0) as first:
        boot, seq = first["boot"], first["seq"]
        assert not first["resumed"]
    for old, number in (("0" * len(boot), seq), (boot[::-1] + "x", 0), (boot, seq + 1000), (boot, -1)):
        with hello(path, secret, old, number) as answer:
            assert answer["kind"] == "welcome"
            assert answer["boot"] == boot
            assert not answer["resumed"]
    for wrong in (secret[:-1], secret + "x", secret.swapcase(), ""):
        with Wire(halves) as wire:
            assert wire.ask("/hub/api/user", {"X-Hubgate-Secret": wrong}).status == 403
    assert ask(halves, "/hub/health").status == 200


@contextmanager
def hello(path: str, secret: str, boot: str, seq: int) -> Iterator[dict[str, Any]]:
    """What the hub answers to a worker's first message."""
    headers = {"X-Hubgate-Secret": secret}
    message = {"kind": "hello", "worker": "9", "pid": 1, "boot": boot, "seq": seq, "version": VERSION}
    with unix_connect(path, "ws://hub/channel", additional_headers=headers, compression=None) as channel:
        channel.send(json.dumps(message))
        yield json.loads(channel.recv(timeout=5))


# ── 9: what lies around ──────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["/user/alice/", "/user/alice/gpu/"])
def test_a_server_starts_with_clean_hands(gateway: Gateway, admin: Client, hostile: Hostile, url: str) -> None:
    """9. Its environment is an allow-list; nothing is open but its own log; no secret on its command line."""
    began = hostile.start(url)
    environ, descriptors = began["environ"], began["descriptors"]
    assert not [name for name in environ if "HUBGATE" in name.upper() or name.startswith("PYTHON")]
    assert ADMIN_PASSWORD not in environ.values()
    assert "let-me-in" not in environ.values()
    secrets = {"JUPYTER_TOKEN"} if "gpu" in url else set()
    known = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV"}
    unknown = {name for name in environ if not name.startswith("LC_")} - known - {"SERVER_START_ID", "SERVER_PORT"}
    assert unknown == secrets
    assert descriptors.keys() == {"0", "1", "2"}
    assert descriptors["0"] == "/dev/null"
    assert descriptors["1"] == descriptors["2"]
    assert Path(descriptors["1"]).is_relative_to(gateway.data_dir / "logs")
    if secrets:
        assert environ["JUPYTER_TOKEN"] not in " ".join(began["argv"])


def test_the_data_folder_is_nobody_elses(gateway: Gateway, admin: Client, hostile: Hostile) -> None:
    """9. Folders 0700, files and sockets for their owner alone. (The same user reads them: docs/security.md.)"""
    assert stat.S_IMODE(gateway.data_dir.stat().st_mode) == 0o700
    found = list(gateway.data_dir.rglob("*"))
    assert {"hub.sock", "hubgate.sqlite"} <= {path.name for path in found}
    for path in found:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0 or not path.parent.stat().st_mode & 0o077, (path, oct(mode))
        if path.is_file() and path.suffix not in (".pid", ".json"):
            assert mode & 0o177 == 0, (path, oct(mode))


def test_no_secret_stands_on_a_command_line(gateway: Gateway, admin: Client, hostile: Hostile) -> None:
    """9. All users of a machine can read these."""
    secret = hostile.start("/user/alice/gpu/")["environ"]["JUPYTER_TOKEN"]
    lines = [" ".join(process.cmdline()) for process in gateway.alive()]
    assert len(lines) >= 6
    for line in lines:
        assert secret not in line
        assert ADMIN_PASSWORD not in line
        assert not re.search(
            r"[A-Za-z0-9_-]{43}", line.replace(str(gateway.folder), "").replace(str(hostile.folder), "")
        )


def test_the_gateways_own_processes_hold_no_channel_secret_in_their_environment(gateway: Gateway) -> None:
    """9. `/proc/*/environ` is open to every process of the same user."""
    for name in ("supervisor", "hub", "worker-1"):
        environ = psutil.Process(gateway.pid(name)).environ()
        assert not [key for key in environ if "SECRET" in key.upper() or "KEY" in key.upper()]
        mine = {key for key in environ if key.startswith("HUBGATE_")}
        assert mine <= set(SECRETIVE)


# ── 10: identity tokens ──────────────────────────────────────────────────────


def identity(gateway: Gateway, token: str, hostile: Hostile, path: str) -> str:
    """The token that the server there is handed."""
    mark = hostile.mark()
    assert ask(gateway, path, {"Authorization": f"token {token}"}).status == 200
    (value,) = hostile.since(mark)[0].values("x-hubgate-identity")
    return value


@pytest.fixture
def admin_token(gateway: Gateway, admin: Client) -> str:
    return gateway.run("token", "admin").stdout.strip()


def test_an_identity_token_is_good_for_one_server_and_a_minute(
    gateway: Gateway, admin_token: str, hostile: Hostile
) -> None:
    """10. By the public key alone, as any standard verifier does it."""
    published = jwt.PyJWKSet.from_dict(json.loads(ask(gateway, "/hub/api/jwks.json").body))
    assert all("d" not in key for key in json.loads(ask(gateway, "/hub/api/jwks.json").body)["keys"])
    values = {path: identity(gateway, admin_token, hostile, path) for path in ("/user/alice/x", "/user/alice/gpu/x")}
    audiences = ["server:alice/", "server:alice/gpu"]
    for value, audience, other in zip(values.values(), audiences, audiences[::-1], strict=True):
        header = jwt.get_unverified_header(value)
        key = published[header["kid"]]
        assert header["alg"] == "EdDSA"
        claims = jwt.decode(value, key, algorithms=["EdDSA"], audience=audience, options={"require": ["exp", "iss"]})
        assert claims["sub"] == "admin"
        assert 0 < claims["exp"] - time.time() <= 60
        assert claims["iss"] == f"{gateway.origin}/"
        with pytest.raises(jwt.InvalidAudienceError):
            jwt.decode(value, key, algorithms=["EdDSA"], audience=other)
        for forged in forgeries(value, key):
            with pytest.raises(jwt.InvalidTokenError):
                jwt.decode(forged, key, algorithms=["EdDSA"], audience=audience)


def forgeries(value: str, key: jwt.PyJWK) -> Iterator[str]:
    """`alg: none`, HS256 with the public key as its secret, another user, another signature."""
    head, claims, signature = value.split(".")
    for algorithm in ("none", "None", "HS256"):
        body = packed({**unpacked(head), "alg": algorithm}) + "." + claims
        raw = key.key.public_bytes_raw()
        mac = hmac.new(raw, body.encode(), hashlib.sha256).digest() if algorithm == "HS256" else b""
        yield f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    yield f"{head}.{packed({**unpacked(claims), 'sub': 'root'})}.{signature}"
    yield f"{head}.{packed({**unpacked(claims), 'exp': int(time.time()) + 9999})}.{signature}"
    yield f"{head}.{claims}."


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unpacked(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_an_identity_token_is_no_credential_here(gateway: Gateway, admin_token: str, hostile: Hostile) -> None:
    """10. A server that was visited by an administrator cannot go on as one."""
    value = identity(gateway, admin_token, hostile, "/user/mallory/x")
    for headers in (
        {"Authorization": f"Bearer {value}"},
        {"Authorization": f"token {value}"},
        {"Cookie": f"hubgate-session={value}"},
        {"X-Hubgate-Identity": value, "X-Hubgate-User": "admin"},
    ):
        for path in ("/user/alice/x", "/hub/api/user", "/user/mallory/x"):
            assert ask(gateway, path, headers).status == 403
