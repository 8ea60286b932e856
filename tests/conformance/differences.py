"""Every difference from JupyterHub 6.1.1 that is meant, each with its reason.

One that no call shows is a failure, and so is a deviation that is not here.
`docs/conformance.md` shows this list.
"""

from __future__ import annotations

from tests.conformance.compare import Difference

WORDS = (
    Difference("*", "body.message", "An error always says something; JupyterHub leaves many without words.", "None"),
    Difference("*", "body.message", "A message names JSON's types, not Python's.", "* must be <class '*"),
    Difference("*", "body.message", "A message names the key that is wrong and does not repeat what was sent.",
               "Invalid JSON keys: {*", "Invalid JSON keys: *"),
    Difference("*", "body.message", "A message does not repeat what was sent.", "Invalid JSON data: *"),
    Difference("*", "body.message", "A message is one line, without the validator's own words and links.",
               "*https://errors.pydantic.dev/*"),
)  # fmt: skip

DIFFERENCES: tuple[Difference, ...] = (*WORDS,)
