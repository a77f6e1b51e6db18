"""Reads about groups: which may be seen, who is in them on a day, their records and their fidelity."""
