"""Content digests: how texts, bodies and lexicons are named."""

import hashlib


def digest(content: bytes | str) -> str:
    """`sha256:` and 64 hex digits of the bytes, or of the UTF-8 encoding of a text (FIPS 180-4)."""
    data = content.encode() if isinstance(content, str) else content
    return "sha256:" + hashlib.sha256(data).hexdigest()
