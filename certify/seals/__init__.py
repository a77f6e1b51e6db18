"""Electronic seals: the keys and chains of each organisation, sealing a PDF, and telling whether a seal still holds."""
