"""Evidence (preuves): files and accepted entries proving indicators; deposit, checks, acceptance.

Words: evidence item (preuve), link to an indicator (indicateur illustré), accepted (acceptée).
"""
