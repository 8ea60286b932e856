"""Spawners: how a server is started, watched and stopped. `local` is one; the other files are its parts."""
