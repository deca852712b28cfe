"""Linking: which reports of different articles tell one happening."""
