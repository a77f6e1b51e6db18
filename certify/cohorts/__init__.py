"""Cohorts and enrolments: who trains where, on which framework version, by which access route.

Words: cohort (promotion), enrolment (inscription), access route (voie d’accès), house (Maison).
"""
