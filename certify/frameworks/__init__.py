"""Which version of a competency framework (référentiel) a cohort works on; a version is a document that never changes.

Words: framework version (version du référentiel), block (bloc de compétences), competency (compétence),
indicator (indicateur).
"""
