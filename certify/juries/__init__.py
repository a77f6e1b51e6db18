"""Jury sessions: members, candidates, decisions by block and for the whole, minutes.

Words: jury session (session de jury), seat (siège), candidacy (candidature), decision (décision),
minutes (procès-verbal).
"""
