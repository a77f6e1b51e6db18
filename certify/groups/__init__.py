"""Supervised groups of parents (groupes de pairs): who is in them and when, their meetings, their fidelity.

Words: group (groupe de pairs), participant (known by a pseudonym drawn for one group, and a month), stay (présence dans
le groupe, from a day to another), facilitator (who accompanies, a trainee), referent (référent·e), meeting (rencontre),
attendance (présence), fidelity (fidélité au cadre), waiting family (famille en attente), composer (composition des
groupes).

Nobody in a group is ever identified. Who belonged to a group on a day is read from the stays; what was recorded of a
past meeting is never written again when somebody joins or leaves.
"""
