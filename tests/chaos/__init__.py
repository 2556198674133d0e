"""Faults on the wire to the upstream, and processes that end under load: who is told what, and what was done."""
