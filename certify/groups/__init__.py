"""Supervised groups of parents (groupes de pairs): meetings, attendance, fidelity. No parent or child is ever identified.

Words: group (groupe de pairs), meeting (rencontre), attendance (présence), fidelity (fidélité au cadre). 
Nothing is kept here yet.
"""
