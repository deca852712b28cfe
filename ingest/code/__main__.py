"""`python -m ingest.code`: articles as JSON lines on stdin, a line of events for each on stdout."""

import sys

from ingest.code.lines import code_lines

if __name__ == "__main__":
    sys.exit(code_lines(sys.stdin, sys.stdout, sys.stderr))
