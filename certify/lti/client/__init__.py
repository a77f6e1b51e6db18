"""Speaking to platforms: one HTTP client, access tokens, their public keys, rosters and grade columns.

Words: answer (what a platform said), unreachable (why it said nothing usable), column (line item of the gradebook).
What is worth keeping is written apart from the caller's transaction (`keeping`), so that reading pages may ask too.
"""
