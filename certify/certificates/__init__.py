"""The register of certificates: issue from a jury's decision, frozen facts, stored PDF, public check, revocation.

Words: certificate (parchemin), block attestation (attestation de blocs), register (registre), revocation (révocation).
"""
