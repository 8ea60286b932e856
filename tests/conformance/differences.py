"""Every difference from JupyterHub 6.1.1 that is meant, each with its reason.

One that no call shows is a failure, and so is a deviation that is not here.
"""

from __future__ import annotations

from tests.conformance.compare import Difference

DIFFERENCES: tuple[Difference, ...] = ()
