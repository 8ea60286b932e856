"""The kit for plugins' tests: what it lets through, and what it does not."""
