"""TLS as the gateway speaks it: the certificate read and checked, with one clear sentence when it is no good.

A context is made whole or not at all, so a bad file at a reload leaves the one before in force.
"""

from __future__ import annotations

import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.errors import HubgateError
from gateway.settings import TlsFiles

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others."""
OTHERS = stat.S_IRWXO | stat.S_IWGRP
"""Rights to a key that nobody needs. A group may read it: `ssl-cert`, as distributions have it."""
SOON = timedelta(days=7)


def context(files: TlsFiles) -> ssl.SSLContext:
    """For the listening sockets. `HubgateError` names the file and what is wrong with it."""
    _leaf(files.cert)
    _check_key(files.key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(CIPHERS)
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    made.set_alpn_protocols(["http/1.1"])
    try:
        made.load_cert_chain(files.cert, files.key, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise HubgateError(f"gateway.tls_key: {files.key} is not the key of the certificate {files.cert}") from None
        raise HubgateError(f"gateway.tls_cert: {files.cert} cannot be used: {error.reason or error}") from None
    except OSError as error:
        raise HubgateError(f"gateway.tls_cert: {files.cert} or {files.key} cannot be read: {error.strerror}") from None
    return made


def warnings(files: TlsFiles, now: datetime) -> list[str]:
    """What works, but should not stay so."""
    said = []
    try:
        mode = files.key.stat().st_mode
    except OSError as error:
        raise HubgateError(f"gateway.tls_key: {files.key} cannot be read: {error.strerror}") from None
    if mode & OTHERS:
        said.append(f"gateway.tls_key: others have rights to {files.key} (mode {stat.S_IMODE(mode):o}); chmod 600 it")
    ends = _leaf(files.cert).not_valid_after_utc
    if ends <= now:
        said.append(f"gateway.tls_cert: {files.cert} has expired on {ends:%Y-%m-%d %H:%M} UTC; browsers refuse it")
    elif ends - now < SOON:
        said.append(f"gateway.tls_cert: {files.cert} expires on {ends:%Y-%m-%d %H:%M} UTC")
    return said


class Keeper:
    """The context in force, and the next one once it is good."""

    def __init__(self, files: TlsFiles, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self.context = self._read(files)

    def reload(self, files: TlsFiles) -> None:
        """Connections that are open keep what they have. `HubgateError`: nothing has changed."""
        self.context = self._read(files)

    def _read(self, files: TlsFiles) -> ssl.SSLContext:
        made = context(files)
        for line in warnings(files, datetime.now(UTC)):
            self._warn(line)
        return made


def _leaf(cert: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(cert, "tls_cert"))[0]
    except ValueError:
        raise HubgateError(f"gateway.tls_cert: {cert} holds no certificate in PEM form") from None


def _check_key(key: Path) -> None:
    try:
        load_pem_private_key(_read(key, "tls_key"), None)
    except TypeError:
        raise HubgateError(f"gateway.tls_key: {key} is encrypted; the gateway asks nobody for a password") from None
    except ValueError:
        raise HubgateError(f"gateway.tls_key: {key} holds no private key in PEM form") from None


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise HubgateError(f"gateway.{key}: {path} cannot be read: {error.strerror}") from None


def _no_password() -> str:
    """Without this OpenSSL would ask at the terminal."""
    return ""
