"""Seeing: what to do next, a cohort at a glance, a trainee's progress. Reads only.

Words: home (accueil), to do (à faire), heat map (vue d’ensemble de la promotion), progress (progression).
"""
