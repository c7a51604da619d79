"""All benchmarks one after another: `python -m bench`, or `python -m bench draw queue`."""

from __future__ import annotations

import runpy
import sys

ALL = (
    "pipeline",
    "room",
    "queue",
    "claims",
    "mentoring",
    "clock",
    "draw",
    "sessions",
    "placement",
    "notices",
)

for name in sys.argv[1:] or ALL:
    print(f"\n== {name} ==", flush=True)
    sys.argv = [name]
    runpy.run_module(f"bench.{name}", run_name="__main__")
