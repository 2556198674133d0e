"""What outlives a request: grants, keys, nonces, leases; one small interface over SQLite or Redis."""
