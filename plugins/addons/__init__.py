"""Addons for the flow lane that come with Hubgate."""
