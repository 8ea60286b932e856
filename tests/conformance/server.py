"""A user server that costs nearly nothing, for both hubs: it answers everything with 200.

`python server.py IP PORT` as a profile of Hubgate starts it; JupyterHub names the address
in `JUPYTERHUB_SERVICE_URL` instead. `--delay SECONDS` waits before it listens, and
`--broken` ends at once with status 3.
"""

from __future__ import annotations

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def address() -> tuple[str, int]:
    if url := os.environ.get("JUPYTERHUB_SERVICE_URL"):
        parts = urlsplit(url)
        return parts.hostname or "127.0.0.1", parts.port or 0
    return sys.argv[1], int(sys.argv[2])


if __name__ == "__main__":
    if "--broken" in sys.argv:
        sys.exit(3)
    if "--delay" in sys.argv:
        time.sleep(float(sys.argv[sys.argv.index("--delay") + 1]))
    ThreadingHTTPServer(address(), Handler).serve_forever()
