"""HTTP: legacy habits of paths, bodies and answers; health; nothing here sees a mapping."""
