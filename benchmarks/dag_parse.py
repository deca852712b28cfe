"""Seconds to parse each DAG file, once Airflow itself is loaded: what the DAG processor pays, again and again.

usage: python benchmarks/dag_parse.py [--rounds N] [--max-seconds S]

Each round parses the files in a fresh process, as the DAG processor does; a file's figure is the median of its rounds.
Exit code 1 where one is above `--max-seconds` (CPU time, so that a busy machine does not count).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PARSE = """
import json, sys, time
import airflow.sdk, airflow.sdk.definitions.decorators, airflow.providers.standard.operators.empty
from importlib.util import module_from_spec, spec_from_file_location
start = time.process_time()
spec = spec_from_file_location("parsed", sys.argv[1])
spec.loader.exec_module(module_from_spec(spec))
print("ANSWER" + json.dumps(time.process_time() - start))
"""


def main() -> int:
    """Measure, print one line a file, and say by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--max-seconds", type=float, default=0.5)
    options = parser.parse_args()

    from dags.environment import airflow_environment

    slowest = 0.0
    with tempfile.TemporaryDirectory() as home:
        environ = airflow_environment(os.environ, home=Path(home))
        for file in sorted((ROOT / "dags").glob("news_*.py")):
            seconds = statistics.median(parse(file, environ) for _ in range(options.rounds))
            slowest = max(slowest, seconds)
            print(f"{file.name:20} {seconds:6.3f} s CPU")
    return 1 if slowest > options.max_seconds else 0


def parse(file: Path, environ: dict[str, str]) -> float:
    """CPU seconds that one parse takes, in a process of its own."""
    command = [sys.executable, "-c", PARSE, str(file)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.partition("ANSWER")[2]))


if __name__ == "__main__":
    sys.exit(main())
