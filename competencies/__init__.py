"""The domain of certification, pure: a framework and its scale, coverage, appraisal, award, anonymity.

Words: a framework « référentiel » is made of blocks « blocs de compétences », a block of competencies « compétences »,
a competency of indicators « indicateurs » that an assessor places on a scale « échelle ». Appraisals of several
assessors make a standing; a standing makes proposals; a jury decides. Standard library only, no clock, no database.
"""

from competencies.anonymity import Finding, advice, find_identifying
from competencies.appraisal import Appraisal, BlockStanding, Proposal, Standing, standing
from competencies.award import (
    CONFLICTS,
    BlockOutcome,
    Seat,
    Violation,
    WholeOutcome,
    check_composition,
    check_decision,
    check_declarations,
    propose_block,
    propose_whole,
)
from competencies.catalogue import demo, demo_text, digest, from_document, parse, to_document
from competencies.coverage import Coverage, Piece, Share, cover
from competencies.faults import DomainFault, Fault, FrameworkFaults, UnknownCode
from competencies.framework import Block, Competency, Framework, Indicator, Level, Scale, Text

__all__ = [
    "CONFLICTS",
    "Appraisal",
    "Block",
    "BlockOutcome",
    "BlockStanding",
    "Competency",
    "Coverage",
    "DomainFault",
    "Fault",
    "Finding",
    "Framework",
    "FrameworkFaults",
    "Indicator",
    "Level",
    "Piece",
    "Proposal",
    "Scale",
    "Seat",
    "Share",
    "Standing",
    "Text",
    "UnknownCode",
    "Violation",
    "WholeOutcome",
    "advice",
    "check_composition",
    "check_decision",
    "check_declarations",
    "cover",
    "demo",
    "demo_text",
    "digest",
    "find_identifying",
    "from_document",
    "parse",
    "propose_block",
    "propose_whole",
    "standing",
    "to_document",
]
