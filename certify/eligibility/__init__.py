"""What must be there before a jury: the list of requirements, what is missing, and who was exempted from what.

Words: requirement (condition), eligibility (dossier complet, recevabilité), derogation (dérogation),
document (pièce du dossier).
"""
