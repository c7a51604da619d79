"""Benchmarks: every figure as a ratio to a named rival, measured in one run."""
