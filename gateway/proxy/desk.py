"""What the lanes of a worker share: the site, the replica, the index of what is open, the log."""

from __future__ import annotations

from dataclasses import dataclass, field

from mitmproxy.connection import Client

from gateway.proxy import rewrite
from gateway.proxy.accesslog import AccessLog
from gateway.proxy.activity import Used
from gateway.proxy.capture import Captures
from gateway.proxy.exchange import Clock, Exchange, RequestIds
from gateway.proxy.facts import Facts, Head
from gateway.proxy.gate import Forward
from gateway.proxy.handshake import is_websocket_13
from gateway.proxy.identitytoken import Signer
from gateway.proxy.live import Live
from gateway.proxy.matching import Matches
from gateway.proxy.policies import Policies
from gateway.proxy.presence import is_use
from gateway.proxy.quota import Quota
from gateway.proxy.recorder import MARK, Recorder
from gateway.proxy.replica import Replica
from gateway.proxy.shield import Shield
from gateway.proxy.site import Site
from gateway.proxy.tally import Tally


@dataclass(slots=True)
class Desk:
    site: Site
    replica: Replica
    clock: Clock
    """POSIX seconds."""
    secret: str
    """The channel secret; sent to the hub, and to nobody else."""
    matches: Matches
    """Which requests are taken to the flow lane."""
    access_log: AccessLog | None = None
    captures: Captures = field(default_factory=Captures)
    recorder: Recorder | None = None
    """Looks on along the express lane; without it, what is recorded takes the flow lane."""
    live: Live = field(default_factory=Live)
    tally: Tally = field(default_factory=Tally)
    used: Used = field(default_factory=Used)
    ids: RequestIds = field(default_factory=RequestIds)
    quota: Quota | None = None
    """How often a credential may come; None = as often as it likes."""
    policies: Policies = field(default_factory=Policies)
    """What plugins may refuse."""
    shield: Shield = field(default_factory=Shield)
    signer: Signer | None = None
    """None until the hub's first welcome."""
    draining: bool = False

    def exchange(self, client: Client, peer: str, head: Head) -> Exchange:
        return Exchange(self.ids(), client, head, self.clock(), peer)

    def addons(self, exchange: Exchange, facts: Facts, forward: Forward) -> tuple[str, ...]:
        """Who wants the flow of this request; nobody means express lane."""
        names = self.matches.of(facts, forward)
        websocket = forward.upgrade and is_websocket_13(facts)
        as_flow = names or websocket or forward.right == "view" or self.recorder is None
        if self.captures.orders and as_flow and self.captures.expects(exchange, self.clock()):
            return (*names, MARK + exchange.id)
        return names

    def begun(self, exchange: Exchange) -> None:
        """The gate let it pass: from now on it can be revoked."""
        self.live.add(exchange)
        if (forward := exchange.forward) is not None and (facts := exchange.facts) is not None:
            self.used.note(forward, self.clock(), exchange.peer, use=is_use(facts, forward.route.prefix))

    def use(self, exchange: Exchange) -> None:
        """Somebody sent something: neither credential nor server is idle."""
        if exchange.forward is not None:
            self.used.note(exchange.forward, self.clock(), exchange.peer)

    def transfers(self) -> None:
        """What somebody asked for is use as long as its bytes pass: an upload, a download. Asked now and then."""
        for exchange in self.live:
            moved = exchange.sent + exchange.received
            if exchange.upgraded or moved == exchange.moved:
                continue
            exchange.moved = moved
            forward, facts = exchange.forward, exchange.facts
            if forward is not None and facts is not None and is_use(facts, forward.route.prefix):
                self.use(exchange)

    def finished(self, exchange: Exchange) -> None:
        self.live.remove(exchange)
        now = self.clock()
        self.tally.note(exchange, now)
        if self.access_log is not None:
            self.access_log.write(exchange, now)

    def upstream_head(
        self, exchange: Exchange, lines: rewrite.Lines = rewrite.passed_lines, without: frozenset[bytes] = frozenset()
    ) -> bytes:
        """The request's head as its upstream gets it; less the headers `without`, which its lane cannot keep."""
        forward, facts = exchange.forward, exchange.facts
        if forward is None or facts is None:
            raise ValueError("only a request that the gate lets pass has an upstream")
        token = ""
        if self.signer is not None and forward.identity is not None and forward.route.kind != "hub":
            token = self.signer.token(forward.identity, forward.route, self.clock())
        return rewrite.request_head(
            facts,
            exchange.head,
            forward,
            request_id=exchange.id,
            channel_secret=self.secret if forward.route.kind == "hub" else "",
            identity_token=token,
            without=without | self.site.hidden if self.site.hidden else without,
            lines=lines,
        )
