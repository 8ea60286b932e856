"""Authenticators: who is it? `native` and `dummy`; the other files are their parts."""
