"""Every plugin that comes with Hubgate keeps the contract of its kind."""
