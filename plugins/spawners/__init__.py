"""Spawners: how a server is started, watched and stopped. One file or folder each."""
