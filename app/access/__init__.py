"""Who may come in, and with whose credential: pass-through tokens, proxy keys over stored grants, OAuth 1.0a."""
