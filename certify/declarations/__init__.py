"""Declarations to the Caisse des Dépôts (CPF): who is to be declared, deposit files, what came back of them."""
