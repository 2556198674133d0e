"""Heirloom: legacy REST calls in, GraphQL questions out, legacy answers back."""
