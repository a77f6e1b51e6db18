"""Situations of fragility, told only by the action the facilitator took: no content, no person, no pseudonym.

Words: action (action menée), follow-up (suite), procedure (procédure de protection de l'enfance).
"""
