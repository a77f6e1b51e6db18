"""Supervision: a meeting observed, the talk after it, practice-analysis sessions, signed by both sides.

Words: supervision session (séance), observation (observation d'une rencontre), debrief (retour),
practice analysis (analyse de pratiques), signature (signature).
"""
