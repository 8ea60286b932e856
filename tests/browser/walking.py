"""A person in a browser, whose every page is looked through for what can be pressed, and whose presses are noted.

`Notes` are kept for several people at once: what anybody was offered, what anybody has pressed,
and what a browser complained of. `Walker` finds forms by where they are posted, not by their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.api.urlmap import FIELD, routes
from tests.browser.scene import FOLDER
from tests.integration.harness import Gateway

PASSWORD, CHANGED = "a long password of hers", "an even longer password"
SETTINGS = {
    "authenticator": {"native": {"signup": True}},
    "roles": [{"name": "knows-people", "scopes": ["read:users:name", "read:groups:name"], "users": ["ada"]}],
    "spawner": {"start_timeout": 30, "servers_per_user": 5},
    "sharing": {"users_may_share": True, "handlers": ["code", "direct", "view"]},
    "profiles": [
        {"name": "files", "display_name": "Files", **FOLDER},
        {
            "name": "form",
            "display_name": "With a form",
            "options": [{"name": "folder", "label": "Folder", "pattern": "[a-z]+", "default": "work"}],
            **FOLDER,
        },
        {"name": "slow", "display_name": "Slow", "command": ["sleep", "600"], "auth": "none"},
        {"name": "bad", "display_name": "Bad", "command": ["sh", "-c", "echo no such module; exit 3"]},
    ],
}

WATCH = """
(() => {
  const what = (form, button) => {
    if (form.method === "get") return "";
    if (button?.name) return button.name === "action" ? button.value : button.name;
    return form.querySelector("input[name=action]")?.value ?? "";
  };
  const of = (form, button) => ["form", form.method, form.getAttribute("action"), what(form, button)];
  const alone = (button) => ["button", location.pathname, button.id || button.dataset.copy || "", ""];
  const hub = () => location.pathname.startsWith("/hub/");
  document.addEventListener("DOMContentLoaded", () => {
    if (!hub()) return;
    const buttons = [...document.querySelectorAll("button")];
    offered(buttons.map((each) => (each.type === "submit" ? of(each.form, each) : alone(each))));
  });
  document.addEventListener("submit", (event) => { if (hub()) pressed([of(event.target, event.submitter)]); }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[type=button]");
    if (button && hub()) pressed([alone(button)]);
  }, true);
  document.addEventListener("securitypolicyviolation",
    (event) => console.error("CSP", event.blockedURI, event.violatedDirective));
})();
"""


@dataclass(frozen=True, order=True, slots=True)
class Control:
    """Something to press: a form's method, route and action, or a button of a script."""

    kind: str
    place: str
    what: str


@dataclass
class Notes:
    gateway: Gateway
    offered: dict[Control, str] = field(default_factory=dict)
    """And on which page first."""
    pressed: set[Control] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    excused: list[int] = field(default_factory=list)
    """Statuses of pages that say what is wrong: the browser remarks on each, once."""

    def left(self) -> list[str]:
        """What was offered and never pressed; what is there for a named server and for the default one counts once."""
        done = {_of_any_server(control) for control in self.pressed}
        offered = sorted(self.offered.items())
        return [f"{control} on {page}" for control, page in offered if _of_any_server(control) not in done]

    def complained(self) -> list[str]:
        left = list(self.complaints)
        for status in self.excused:
            remark = next((each for each in left if f"the server responded with a status of {status}" in each), None)
            if remark is None:
                left.append(f"no remark on a page with {status}")
            else:
                left.remove(remark)
        return left

    def _take(self, found: list[list[str]]) -> Iterator[Control]:
        for kind, method, action, what in found:
            if kind == "form":
                yield Control(method.upper(), route(urlsplit(action).path), what)
            else:
                yield Control("BUTTON", route(method), action)

    def offer(self, source: Any, found: list[list[str]]) -> None:
        for control in self._take(found):
            self.offered.setdefault(control, route(urlsplit(source["page"].url).path))

    def press(self, _source: Any, found: list[list[str]]) -> None:
        self.pressed.update(self._take(found))

    def hear(self, message: Any) -> None:
        # What is verbose is advice for developers. A user's server may have no icon, and says so at no page of ours.
        of_a_server = urlsplit(message.location["url"]).path == "/favicon.ico"
        if message.type not in ("verbose", "debug") and not of_a_server:
            self.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def ask(self, request: Any) -> None:
        if urlsplit(request.url).netloc != self.gateway.authority:
            self.complaints.append(f"asked for {request.url}")


def _of_any_server(control: Control) -> Control:
    return replace(control, place=control.place.removesuffix("/{server:server}"))


def route(path: str) -> str:
    """The route of the app that a path is of."""
    for each in sorted({each.template for each in routes()}, key=lambda template: template.count("{")):
        pattern = "[^/]+".join(map(re.escape, re.split(FIELD.pattern, each)[::2]))
        if re.fullmatch(pattern, path.removeprefix("/")):
            return each
    return path


class Walker:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Browser, notes: Notes, **more: Any) -> None:
        self.notes = notes
        self.gateway = notes.gateway
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **more)
        self.context.expose_binding("offered", notes.offer)
        self.context.expose_binding("pressed", notes.press)
        self.context.add_init_script(WATCH)
        self.context.on("request", notes.ask)
        self.context.on("console", notes.hear)
        self.context.on("weberror", lambda error: notes.complaints.append(f"error: {error.error}"))
        self.context.on("dialog", lambda dialog: notes.complaints.append(f"dialog: {dialog.message}"))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def go(self, path: str, status: int = 200) -> Page:
        answer = self.page.goto(self.gateway.url(path))
        return self._arrived(answer, status)

    def log_in(self, name: str, password: str) -> Page:
        self.go("hub/login")
        return self.press("/hub/login", username=name, password=password)

    def form(self, action: str, what: str = "", button: str = "", **values: str) -> Locator:
        """The form that is sent there, rather one that is posted; its `action` and hidden fields have these values."""
        found = self.page.locator(f'form[method=post][action="{action}"]')
        if not found.count():
            found = self.page.locator(f'form[action="{action}"]')
        if what:
            found = found.filter(has=self.page.locator(f'[name="action"][value="{what}"]'))
        if button:
            found = found.filter(has=self.page.locator(f'button[name="{button}"]'))
        for name, value in values.items():
            found = found.filter(has=self.page.locator(f'[name="{name}"][value="{value}"]'))
        return found.first

    def press(self, action: str, what: str = "", *, status: int = 200, **more: Any) -> Page:
        """Fill the form in and send it; `status` is that of the page where it ends."""
        with self.page.expect_navigation() as arrival:
            self.fill(action, what, **more)
        return self._arrived(arrival.value, status)

    def fill(
        self, action: str, what: str = "", *, having: dict[str, str] | None = None, button: str = "", **fields: str
    ) -> None:
        """As `press`, without waiting for what comes of it. `button`: the name of the one to press."""
        self.page.evaluate("document.querySelectorAll('details:not([name])').forEach((each) => (each.open = true))")
        form = self.form(action, what, button, **(having or {}))
        form.evaluate("(each) => { const folded = each.closest('details'); if (folded) folded.open = true; }")
        for name, value in fields.items():
            control = form.locator(f'[name="{name}"]:not([type=hidden])')
            match control.first.evaluate("(each) => each.type"):
                case "radio":
                    form.locator(f'[name="{name}"][value="{value}"]').check()
                case "checkbox":
                    control.first.set_checked(bool(value))
                case "select-one":
                    control.first.select_option(value)
                case _:
                    control.first.fill(value)
        named = form.locator(f'button[name="{button}"]' if button else f'button[name="action"][value="{what}"]')
        (named if named.count() else form.locator("button:not([type=button], [name])")).first.click()

    def says(self, kind: str = "good") -> str:
        """What the page announces of what was just done."""
        notice = self.page.locator(f".notice.{kind}[role=alert], .notice.{kind}[role=status]").first
        expect(notice).to_be_visible()
        return notice.inner_text()

    @contextmanager
    def waiting(self, address: str) -> Iterator[None]:
        """What is done meanwhile leads to this address, if only after a while."""
        yield
        self.page.wait_for_url(f"**{address}", timeout=60_000)

    def _arrived(self, answer: Response | None, status: int) -> Page:
        assert answer is not None
        assert answer.status == status, (unquote(self.page.url), answer.status, self.page.locator("body").inner_text())
        if status >= 400:
            self.notes.excused.append(status)
        return self.page
