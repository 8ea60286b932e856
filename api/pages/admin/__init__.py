"""The administration: what runs, who there is, and what the gateway is told."""
