"""Benchmarks: ours beside the physical limit and a peer, measured in one run. Not tests: nothing is asserted."""
