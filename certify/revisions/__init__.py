"""Moving enrolments from one version of a framework to a later one: what it would change, then the move, logged.

Words: migration (passage à une nouvelle version), mapping (correspondance des codes), carried (repris), left (laissé).
"""
