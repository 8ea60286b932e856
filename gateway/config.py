"""Reads the settings: flags > environment `HUBGATE_<SECTION>__<KEY>` > file > defaults.

All mistakes are found at once; each one names where it stands (file, variable or
flag), the key, what was expected, and the nearest key there is. Relative paths
start at the settings file's folder, else at the current one; those of flags,
which a shell completes, at the current one always. A relative SQLite path starts
at `data_dir`.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway import mistakes
from gateway.errors import SettingsError
from gateway.mistakes import Layer
from gateway.settings import Settings

FILE = "hubgate.toml"
PREFIX = "HUBGATE_"
LONGEST_SOCKET = 107
"""Bytes of a unix socket's path: a limit of the kernel."""

FIXED = {
    "gateway": ("bind", "base_path", "public_url", "data_dir", "workers", "http_redirect_bind"),
    "channel": ("bind", "url", "secret_file"),
    "store": ("url",),
}
"""What hub and workers must agree about, so that it cannot change while they run."""

type Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flags:
    """What stood on the command line; the same for the supervisor and its children."""

    config: Path | None = None
    bind: tuple[str, ...] = ()
    data_dir: Path | None = None
    workers: int | None = None

    def overrides(self) -> dict[str, Any]:
        given = {"bind": list(self.bind), "data_dir": self.data_dir and str(self.data_dir), "workers": self.workers}
        return {"gateway": {key: value for key, value in given.items() if value not in ([], None)}}

    def argv(self) -> list[str]:
        """As arguments again, for a child process."""
        words = ["--config", str(self.config)] if self.config else []
        words += [f"--bind={value}" for value in self.bind]
        words += [f"--data-dir={self.data_dir}"] if self.data_dir else []
        words += [f"--workers={self.workers}"] if self.workers is not None else []
        return words


def read(flags: Flags) -> Settings:
    """The settings of this process, or `SettingsError`."""
    return load(flags.config, flags.overrides(), os.environ, Path.cwd())


def load(file: Path | None, overrides: Mapping[str, Any], environ: Mapping[str, str], cwd: Path) -> Settings:
    """All sources merged and checked, paths made absolute; `SettingsError` holds every mistake."""
    wrong: list[str] = []
    path = cwd / (file or FILE)
    layers = _layers(file, overrides, environ, cwd, wrong)
    merged: Table = {}
    for layer in reversed(layers):
        _merge(merged, layer.values)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError(wrong + mistakes.lines(error, layers)) from None
    settings = _anchored(
        settings, path.parent if path.is_file() else cwd, cwd if "data_dir" in _gateway(layers[0]) else None
    )
    wrong += _too_long(settings)
    if wrong:
        raise SettingsError(wrong)
    return settings


def located(said: Sequence[str], flags: Flags) -> list[str]:
    """Mistakes that were found later (`key: what`), each with the source that has the key."""
    layers = _layers(flags.config, flags.overrides(), os.environ, Path.cwd(), [])
    return [mistakes.located(line, layers) for line in said]


def changed(old: Settings, new: Settings) -> list[str]:
    """The keys of `FIXED` in which the two differ."""
    found = [
        f"{section}.{key}"
        for section, keys in FIXED.items()
        for key in keys
        if getattr(getattr(old, section), key) != getattr(getattr(new, section), key)
    ]
    return found + (["gateway.tls_cert"] if _other_scheme(old, new) else [])


def renewed(running: Settings, new: Settings) -> Settings:
    """`new`, but for what cannot change while the gateway runs."""
    kept = {
        section: getattr(new, section).model_copy(
            update={key: getattr(getattr(running, section), key) for key in keys},
        )
        for section, keys in FIXED.items()
    }
    if _other_scheme(running, new):
        tls = {key: getattr(running.gateway, key) for key in ("tls_cert", "tls_key")}
        kept["gateway"] = kept["gateway"].model_copy(update=tls)
    return new.model_copy(update=kept)


def _other_scheme(old: Settings, new: Settings) -> bool:
    """Another certificate is fine; but cookies and addresses hang on whether there is one."""
    return bool(old.gateway.tls_cert) is not bool(new.gateway.tls_cert)


def _layers(
    file: Path | None, overrides: Mapping[str, Any], environ: Mapping[str, str], cwd: Path, wrong: list[str]
) -> list[Layer]:
    """All sources, the strongest first; what cannot be read is added to `wrong`."""
    return [
        Layer("flag", "", _copy(overrides)),
        Layer("environment", "", _from_environment(environ, wrong)),
        Layer("file", str(file or FILE), _from_file(cwd / (file or FILE), required=file is not None, wrong=wrong)),
    ]


def _gateway(layer: Layer) -> Table:
    table = layer.values.get("gateway", {})
    return table if isinstance(table, dict) else {}


def _from_file(path: Path, *, required: bool, wrong: list[str]) -> Table:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        if required:
            wrong.append(f"{path}: there is no such file")
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"{path}: not valid TOML: {error}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        wrong.append(f"{path}: not valid TOML: line {line} is not UTF-8")
    except OSError as error:
        wrong.append(f"{path}: cannot be read: {error.strerror}")
    return {}


def _from_environment(environ: Mapping[str, str], wrong: list[str]) -> Table:
    """`HUBGATE_A__B=x` is `{"a": {"b": x}}`.

    A name without `__` counts only if it is a whole section (`HUBGATE_PROFILES`):
    others are not ours to judge (Kubernetes makes `HUBGATE_PORT` for a service
    called hubgate), but one that lacks just an underscore is a mistake.
    """
    result: Table = {}
    usual = {name.replace("__", "_"): name for name in _variables()}
    for name in sorted(environ, key=len):
        if not name.startswith(PREFIX):
            continue
        *tables, key = name.removeprefix(PREFIX).lower().split("__")
        if not tables and key not in Settings.model_fields:
            if name in usual:
                wrong.append(f"environment {name}: there is no such variable; the nearest is {usual[name]}")
            continue
        table = result
        for step in tables:
            inner = table.setdefault(step, {})
            table = inner if isinstance(inner, dict) else {}
        table[key] = _value(environ[name])
    return result


def _variables() -> Iterator[str]:
    for section in Settings.model_fields:
        for key in mistakes.keys_of((section,)):
            yield f"{PREFIX}{section}__{key}".upper()


def _value(text: str) -> Any:
    """Lists and tables are JSON; the rest stays text, the model knows what it should be."""
    if re.match(r"\s*[\[{]", text):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _merge(low: Table, high: Mapping[str, Any]) -> None:
    for key, value in high.items():
        below = low.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            _merge(below, value)
        else:
            low[key] = _copy(value) if isinstance(value, dict) else value


def _copy(table: Mapping[str, Any]) -> Table:
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in table.items()}


def _anchored(settings: Settings, folder: Path, flag_folder: Path | None) -> Settings:
    """Every path absolute. An absolute path stays what it is: `folder / "/x"` is `/x`."""
    gateway, channel, store = settings.gateway, settings.channel, settings.store
    data_dir = (flag_folder or folder) / gateway.data_dir
    unix = {
        key: f"unix:{folder / place[5:]}"
        for key in ("bind", "url")
        if (place := getattr(channel, key)).startswith("unix:")
    }
    tls = {key: str(folder / path) for key in ("tls_cert", "tls_key") if (path := getattr(gateway, key))}
    secret = {"secret_file": str(folder / channel.secret_file)} if channel.secret_file else {}
    services = [
        each.model_copy(update={"cwd": str(folder / each.cwd)}) if each.cwd else each for each in settings.services
    ]
    log_file = {"log_file": str(folder / settings.traffic.log_file)} if settings.traffic.log_file else {}
    scripts = tuple(str(folder / each) for each in settings.traffic.addons)
    url = store.url
    if url.startswith("sqlite:"):
        url = f"sqlite:{data_dir / url.removeprefix('sqlite:')}"
    return settings.model_copy(
        update={
            "gateway": gateway.model_copy(update={"data_dir": data_dir} | tls),
            "channel": channel.model_copy(update=unix | secret),
            "store": store.model_copy(update={"url": url}),
            "services": tuple(services),
            "traffic": settings.traffic.model_copy(update=log_file | {"addons": scripts}),
        }
    )


def _too_long(settings: Settings) -> list[str]:
    place = settings.hub_bind
    if not isinstance(place, Path) or len(os.fsencode(place)) <= LONGEST_SOCKET:
        return []
    key = "channel.bind" if settings.channel.bind else "gateway.data_dir"
    return [
        f"{key}: expected a shorter path, because a unix socket's may have {LONGEST_SOCKET} bytes and {place} "
        'has more; or set channel.bind to a loopback address such as "127.0.0.1:8100"'
    ]
