"""Everything that Hubgate itself raises. Each error carries an HTTP status hint.

An exception outside this tree that reaches an edge is a bug: the edge logs it
and answers 500. The message of a `HubgateError` is safe to show to the client.
"""

from __future__ import annotations

from collections.abc import Mapping


class HubgateError(Exception):
    """Base of all. `status` is the HTTP status an edge should answer with."""

    status = 500

    def __init__(
        self,
        message: str,
        *,
        retry_after: int | None = None,
        key: str = "",
        about: Mapping[str, str | float] | None = None,
    ) -> None:
        """`key` names the message in the files of the pages' languages, `about` holds what varies in it.

        The message itself is English, for logs and the API, and for pages where there is no key.
        """
        super().__init__(message)
        self.message = message
        self.key = key
        self.about = dict(about or {})
        self.retry_after = retry_after
        """Seconds for a `Retry-After` header, or None for no such header."""


class BadInput(HubgateError):
    """What the caller sent is wrong; the message names what was expected."""

    status = 400


class Forbidden(HubgateError):
    """Known caller, not allowed."""

    status = 403


class NotFound(HubgateError):
    """No such thing, for a caller who could have seen it."""

    status = 404


class Conflict(HubgateError):
    """It exists already, or is in a state in which this cannot be done."""

    status = 409


class Fixed(HubgateError):
    """It stands in the settings, so nobody changes it while the gateway runs."""

    status = 405


class Gone(HubgateError):
    """It was there and is over: expired, or used up."""

    status = 410


class TooMany(HubgateError):
    """A limit was reached; the message names the limit."""

    status = 429


class Unavailable(HubgateError):
    """A part that is needed is away (hub, database, backend)."""

    status = 503


class StartFailed(HubgateError):
    """A spawner could not start a server; the message is shown to its owner."""

    status = 500


class SettingsError(HubgateError):
    """The settings cannot be used. `mistakes` holds one line for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class PluginError(HubgateError):
    """A plugin is missing, broken or a stranger; the message names it."""


class ChannelError(HubgateError):
    """The other side of the channel broke the protocol."""
