"""People: sign-in, second factor, sessions, invitations, what a person may do.

Words: user (compte), invitation (invitation), second factor (second facteur), session (connexion ouverte).
"""
