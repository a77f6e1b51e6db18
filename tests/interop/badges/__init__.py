"""Verifiers of badges made by others, which read what we publish over HTTPS and nothing else."""
