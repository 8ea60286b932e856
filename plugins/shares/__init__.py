"""The share handlers that come with Hubgate: `code`, `direct` and `view`."""
