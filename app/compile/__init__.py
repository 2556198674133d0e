"""Mappings and schema in, frozen plans out, or all findings."""
