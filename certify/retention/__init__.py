"""How long each class of data is kept, what would be removed today, and what was.

Words: class of data (catégorie de données), period (durée de conservation), purge (purge).
"""
