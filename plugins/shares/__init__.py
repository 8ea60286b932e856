"""The share handlers that come with Hubgate: `code` and `direct`."""
