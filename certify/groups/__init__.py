"""Supervised groups of parents (groupes de pairs): meetings, attendance, fidelity; nobody is ever identified.

Words: group (groupe de pairs), meeting (rencontre), attendance (présence), fidelity (fidélité au cadre).
Nothing is kept here yet.
"""
