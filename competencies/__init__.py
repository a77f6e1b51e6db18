"""The domain of certification, pure: frameworks, coverage, appraisal, award, anonymity, fidelity of groups of parents.

Words: a framework « référentiel » is made of blocks « blocs de compétences », a block of competencies « compétences »,
a competency of indicators « indicateurs » that an assessor places on a scale « échelle ». Appraisals of several
assessors make a standing; a standing makes proposals; a jury decides. A jury is made of seats « sièges », each seen
from one candidate, with the links « liens » that keep somebody from sitting; its votes make a tally. Fidelity
« fidélité » says of a group of parents whether it stays what a group of peers is: the same parents, about ten, with
babies of the same age, twice a month.
Standard library only, no clock, no database.
"""

from competencies.anonymity import Finding, advice, find_identifying, find_in_file_name
from competencies.appraisal import Appraisal, BlockStanding, Proposal, Standing, retain, standing
from competencies.award import (
    BlockOutcome,
    Violation,
    WholeOutcome,
    check_decision,
    last_valid_day,
    propose_block,
    propose_whole,
    remaining,
    renewable_from,
    with_acquired,
)
from competencies.catalogue import demo, demo_text, digest, from_document, parse, to_document
from competencies.composer import Proposal as GroupProposal
from competencies.composer import Waiting
from competencies.composer import compose as compose_groups
from competencies.composition import (
    Balance,
    Seat,
    balance,
    check_composition,
    check_declarations,
    check_links,
    check_quorum,
    may_be_waived,
    sitting,
)
from competencies.coverage import Coverage, Piece, PieceKind, Share, Tally, cover, tally
from competencies.entry_form import EntryForm, FieldKind, FormField, FormOption, ValueFault
from competencies.entry_form_reading import EntryFormFaults, shipped_form, shipped_forms
from competencies.faults import DomainFault, Fault, FrameworkFaults, UnknownCode
from competencies.fidelity import Clock, Fidelity, RuleVerdict, Verdict, assess_fidelity, severity
from competencies.fidelity_view import GroupRecord, MeetingFact, StayFact, add_months
from competencies.first_names import is_ordinary_word, normal_name
from competencies.framework import (
    EVERY_PART,
    Block,
    Competency,
    Completion,
    CompletionKind,
    Framework,
    Indicator,
    Level,
    Scale,
    Text,
)
from competencies.jury_rules import SETTABLE_CONFLICTS, USUAL_JURY_RULES, JuryRules
from competencies.jury_steps import Step, is_backwards, may_go
from competencies.jury_words import CONFLICTS
from competencies.programme import Aggregation, Programme, RequiredDocument
from competencies.recurrence import series_dates
from competencies.revision import (
    Carried,
    Fate,
    Move,
    Part,
    PartKind,
    Rescaling,
    Revision,
    Rewording,
    Ruling,
    check_mapping,
    compose,
    difference,
    identity,
    mapping_from_document,
    mapping_to_document,
    propose_mapping,
)
from competencies.rule_reading import ProgrammeFaults
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds
from competencies.trajectory import Point, trajectory
from competencies.voting import Tally as VoteTally
from competencies.voting import tally as tally_votes

__all__ = [
    "CONFLICTS",
    "EVERY_PART",
    "SETTABLE_CONFLICTS",
    "USUAL_JURY_RULES",
    "USUAL_THRESHOLDS",
    "Aggregation",
    "Appraisal",
    "Balance",
    "Block",
    "BlockOutcome",
    "BlockStanding",
    "Carried",
    "Clock",
    "Competency",
    "Completion",
    "CompletionKind",
    "Coverage",
    "DomainFault",
    "EntryForm",
    "EntryFormFaults",
    "Fate",
    "Fault",
    "Fidelity",
    "FieldKind",
    "Finding",
    "FormField",
    "FormOption",
    "Framework",
    "FrameworkFaults",
    "GroupProposal",
    "GroupRecord",
    "Indicator",
    "JuryRules",
    "Level",
    "MeetingFact",
    "Move",
    "Part",
    "PartKind",
    "Piece",
    "PieceKind",
    "Point",
    "Programme",
    "ProgrammeFaults",
    "Proposal",
    "RequiredDocument",
    "Rescaling",
    "Revision",
    "Rewording",
    "RuleVerdict",
    "Ruling",
    "Scale",
    "Seat",
    "Share",
    "Standing",
    "StayFact",
    "Step",
    "Tally",
    "Text",
    "Thresholds",
    "UnknownCode",
    "ValueFault",
    "Verdict",
    "Violation",
    "VoteTally",
    "Waiting",
    "WholeOutcome",
    "add_months",
    "advice",
    "assess_fidelity",
    "balance",
    "check_composition",
    "check_decision",
    "check_declarations",
    "check_links",
    "check_mapping",
    "check_quorum",
    "compose",
    "compose_groups",
    "cover",
    "demo",
    "demo_text",
    "difference",
    "digest",
    "find_identifying",
    "find_in_file_name",
    "from_document",
    "identity",
    "is_backwards",
    "is_ordinary_word",
    "last_valid_day",
    "mapping_from_document",
    "mapping_to_document",
    "may_be_waived",
    "may_go",
    "normal_name",
    "parse",
    "propose_block",
    "propose_mapping",
    "propose_whole",
    "remaining",
    "renewable_from",
    "retain",
    "series_dates",
    "severity",
    "shipped_form",
    "shipped_forms",
    "sitting",
    "standing",
    "tally",
    "tally_votes",
    "to_document",
    "trajectory",
    "with_acquired",
]
