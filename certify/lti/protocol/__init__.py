"""What the LTI 1.3 specifications ask of a tool, as plain functions over plain values.

No web framework, no database, no network and no clock: moments are arguments, keys come from a function. Whatever a
platform sends, these modules answer with a value or with one of their declared refusals.

Words: claim (what a platform states in its signed token), message (a read set of claims), line item (grade column),
quirk (where one platform departs from the specification).
"""
