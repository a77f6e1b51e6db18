"""LTI 1.3 tool: registrations, launches, deep links, rosters, grades.

Words: platform (LMS), registration (inscription du LMS), deployment (déploiement), launch (lancement).
Nothing is kept here yet.
"""
