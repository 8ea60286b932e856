"""The certificate: each way in which it can be no good has its own sentence."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import tls
from gateway.errors import HubgateError
from gateway.settings import TlsFiles
from tests.certificates import certificate


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    return TlsFiles(*certificate(tmp_path))


def test_modern_and_nothing_older(files: TlsFiles) -> None:
    made = tls.context(files)
    assert made.minimum_version is ssl.TLSVersion.TLSv1_2
    names = [each["name"] for each in made.get_ciphers()]
    assert names
    assert all(name.startswith(("TLS_", "ECDHE-")) and ("GCM" in name or "CHACHA20" in name) for name in names)
    assert made.options & ssl.OP_NO_RENEGOTIATION


def test_a_key_in_the_certificates_file(files: TlsFiles) -> None:
    files.cert.write_bytes(files.cert.read_bytes() + files.key.read_bytes())
    assert tls.context(TlsFiles(files.cert, files.cert))


def refused(files: TlsFiles) -> str:
    with pytest.raises(HubgateError) as raised:
        tls.context(files)
    return str(raised.value)


def test_what_is_wrong_is_named_with_its_file(files: TlsFiles, tmp_path: Path) -> None:
    none = tmp_path / "none.pem"
    assert refused(TlsFiles(none, files.key)) == f"gateway.tls_cert: {none} cannot be read: No such file or directory"
    assert refused(TlsFiles(files.cert, none)) == f"gateway.tls_key: {none} cannot be read: No such file or directory"
    assert refused(TlsFiles(files.key, files.key)) == f"gateway.tls_cert: {files.key} holds no certificate in PEM form"
    assert (
        refused(TlsFiles(files.cert, files.cert)) == f"gateway.tls_key: {files.cert} holds no private key in PEM form"
    )


def test_a_key_that_does_not_fit(files: TlsFiles, tmp_path: Path) -> None:
    _, other = certificate(tmp_path, "other")
    assert (
        refused(TlsFiles(files.cert, other))
        == f"gateway.tls_key: {other} is not the key of the certificate {files.cert}"
    )


def test_nobody_is_asked_for_a_password(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, password=b"secret")
    assert (
        refused(TlsFiles(cert, key)) == f"gateway.tls_key: {key} is encrypted; the gateway asks nobody for a password"
    )


def test_what_should_not_stay_so(files: TlsFiles, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert tls.warnings(files, now) == []
    files.key.chmod(0o640)
    assert tls.warnings(files, now) == []  # a group for keys is usual
    files.key.chmod(0o644)
    assert "(mode 644); chmod 600 it" in tls.warnings(files, now)[0]
    assert "has expired on" in tls.warnings(TlsFiles(*certificate(tmp_path, "old", days=-1)), now)[0]
    assert "expires on" in tls.warnings(TlsFiles(*certificate(tmp_path, "ending", days=3)), now)[0]


def test_a_bad_reload_changes_nothing(files: TlsFiles) -> None:
    said: list[str] = []
    keeper = tls.Keeper(files, said.append)
    before = keeper.context
    files.cert.write_text("no certificate")
    with pytest.raises(HubgateError, match="holds no certificate"):
        keeper.reload(files)
    assert keeper.context is before
    fresh = certificate(files.cert.parent, "fresh", days=3)
    keeper.reload(TlsFiles(*fresh))
    assert keeper.context is not before
    assert len(said) == 1
    assert "expires on" in said[0]
