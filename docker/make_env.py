"""Write `.env` for docker-compose.yml: `python3 docker/make_env.py CONTACT > .env`.

Every secret that `.env.example` leaves empty is drawn at random. CONTACT is the mail address or web page that the user
agent names to the sites it asks. Needs nothing but Python.
"""

import base64
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"


def filled(example: str, contact: str) -> str:
    """The example's lines, with a value where it has none. A Fernet key is 32 bytes in URL-safe base64."""
    lines = []
    for line in example.splitlines():
        name, equals, value = line.partition("=")
        if equals and not value and not line.startswith("#"):
            if name == "COURANT_CONTACT":
                value = contact
            elif name.endswith("FERNET_KEY"):
                value = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            else:
                value = secrets.token_hex(24)
            line = f"{name}={value}"
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2 or ("@" not in sys.argv[1] and not sys.argv[1].startswith("http")):
        sys.exit("usage: python3 docker/make_env.py CONTACT > .env   (CONTACT: a mail address or a web page)")
    sys.stdout.write(filled(EXAMPLE.read_text(encoding="utf-8"), sys.argv[1]))
