"""Observations asked of a named field referent, who answers from a link without an account.

Words: request (demande d'observation), answer (réponse), « non observé » (not seen that day), both sign on one device.
"""
