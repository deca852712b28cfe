"""`python -m tests.simulation --seed 417`: play a seed of the simulation again, and tell what happened."""

import argparse
import sys
import time

from tests.simulation.simulate import simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="the seed, or the first of several")
    parser.add_argument("--count", type=int, default=1, help="how many seeds, from that one on")
    args = parser.parse_args()
    bad = fired = 0
    started = time.process_time()
    for seed in range(args.seed, args.seed + args.count):
        outcome = simulate(seed)
        bad += bool(outcome.problems)
        fired += len(outcome.fired)
        if args.count == 1 or outcome.problems:
            print(outcome)
    seconds = time.process_time() - started
    if args.count > 1:
        print(f"{args.count} seeds, {fired} faults, {bad} with problems, {seconds / args.count:.2f} s a seed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
