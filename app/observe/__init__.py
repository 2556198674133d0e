"""Where events go: log lines and counters."""
