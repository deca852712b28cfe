"""Captures: responses kept as they came, as WARC (`warc`), and read back from there and from other archives."""
