"""Certifying bodies, training bodies, houses; who belongs to them and in which role; habilitations.

Words: certifying body (organisme certificateur), training body (organisme de formation), house (Maison),
membership (appartenance), habilitation (habilitation).
"""
