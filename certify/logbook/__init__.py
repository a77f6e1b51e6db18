"""The logbook (cahier de suivi): dated practice entries of a trainee, their versions and their review.

Words: logbook (cahier de suivi), entry (fiche), version (version), review (relecture), returned (renvoyée),
accepted (acceptée).
"""
