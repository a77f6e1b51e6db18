"""The demonstration: one certifying body, one training body, one house, and trainees at every stage of the path.

Everything is made through the rooms' own verbs, at moments of the past, so that histories, versions and audit chains
are the real ones. No person, no family exists.
"""
