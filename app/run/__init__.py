"""A request at run time: bind, ask, reshape, reply. Nothing here sees a mapping or a schema."""
