"""Authenticators: who is it? One file each."""
