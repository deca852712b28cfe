"""Feeds: which there are (`opml`), what they say (`parse`), and what an entry is (`entries`)."""
