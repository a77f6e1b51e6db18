"""What the records of practice prove by themselves: counts from groups and logbook, proposed as evidence.

Words: computed evidence (preuve calculée), rule (règle), lines behind (lignes à l'appui).
"""
