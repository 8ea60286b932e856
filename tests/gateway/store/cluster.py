"""A real PostgreSQL for tests: a cluster in a temporary folder, on a unix socket only."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

WAIT = 30.0


class NotHere(Exception):
    """This machine cannot run PostgreSQL; the message says why."""


class Cluster:
    """Started by the constructor, ended by `stop`. It never syncs: a crash may eat it."""

    def __init__(self) -> None:
        self._bin = _programs()
        self._as_owner, owner = _unprivileged()
        # Not below pytest's own folder, which only its user may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="hubgate-pg-"))
        self._numbers = itertools.count()
        if owner is not None:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        data = self.folder / "data"
        init = ["initdb", "-D", str(data), "-U", "hubgate", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        try:
            # A cluster that sorts as people do shows what must not depend on that.
            self._run(*init, "--locale-provider=icu", "--icu-locale=en-US")
        except RuntimeError:  # before version 15, or built without ICU
            self._run(*init)
        call = [
            *self._as_owner, str(self._bin / "postgres"), "-D", str(data), "-k", str(self.folder),
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
        ]  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(call, stdout=log, stderr=log)
        self._wait()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://hubgate@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        call = ["psql", "-h", str(self.folder), "-U", "hubgate", "-d", database, "-qAtc", statement]
        return self._run(*call).strip()

    def new_database(self, template: str = "template1") -> str:
        """Make a database and return its URL."""
        name = f"test{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._process.send_signal(3)  # SIGQUIT: at once, nothing here is worth a checkpoint
        self._process.wait(WAIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> str:
        call = [*self._as_owner, str(self._bin / program), *arguments]
        done = subprocess.run(call, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def _wait(self) -> None:
        until = time.monotonic() + WAIT
        while True:
            try:
                self.sql("SELECT 1")
            except RuntimeError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return


def _programs() -> Path:
    """Where `initdb` and `postgres` are. Debian keeps them off PATH."""
    places = []
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        places.append(Path(told))
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if initdb := shutil.which("initdb"):
        places.append(Path(initdb).parent)
    for place in places:
        if all((place / name).is_file() for name in ("initdb", "postgres", "psql")):
            return place
    raise NotHere("PostgreSQL's programs (initdb, postgres, psql) are not installed")


def _unprivileged() -> tuple[list[str], pwd.struct_passwd | None]:
    """PostgreSQL refuses to run as root: what stands before its programs, and who runs them."""
    setpriv = shutil.which("setpriv")
    # The cluster ends with the tests, even if those are killed.
    before = [setpriv, "--pdeathsig", "QUIT"] if setpriv else []
    if os.getuid() != 0:
        return before, None
    if not setpriv:
        raise NotHere("root cannot run PostgreSQL, and setpriv is not installed")
    nobody = pwd.getpwnam("nobody")
    who = ["--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"]
    return [setpriv, *who, "--pdeathsig", "QUIT"], nobody
