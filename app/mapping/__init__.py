"""Mappings as written: YAML with places, read into a strict model."""
