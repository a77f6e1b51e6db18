"""The anonymity guard: what would let a family be recognised is refused, and what got through can be flagged.

Words: finding (passage identifiant), declared first name (prénom déclaré), flag (signalement), mask (masque).
"""
