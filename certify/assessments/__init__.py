"""Assessments on the grid: a draft that changes, a signature that freezes it, and where each trainee stands after it.

Words: assessment (évaluation), grid (grille), rating (niveau donné à un indicateur), not observed (non observé),
to sign (signer), seal (empreinte), standing (état d’acquisition), assessor (évaluateur·rice).
"""
