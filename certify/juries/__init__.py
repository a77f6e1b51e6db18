"""Jury sessions: members, candidates, votes, decisions by block and for the whole, minutes, results, appeals.

Words: jury session (session de jury), seat (siège), candidacy (candidature), recusal (récusation), vote, decision
(décision), minutes (procès-verbal), extract (extrait), result (résultat), appeal (recours).
"""
