"""Measures with limits: `make bench` prints a table and writes `build/bench.json`; not collected with the tests.

Words: a *row* is one measured value against its limit; a *bench* makes one or several rows. No limit is a time: each is
a ratio to a peer or a floor measured in the same run, turn by turn, or a count; but for what was promised in seconds.
"""
