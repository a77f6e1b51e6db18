"""The shapes of what identifies somebody, in French and in English: addresses, numbers, dates of birth, titled names.

Every repetition is bounded and begins at the start of a word or of a number, so that a long text is read in a time that
grows with its length and no faster.
"""

import re
from collections.abc import Iterator

_SPACE = "[ \u00a0\u202f]"
_LETTER = r"[^\W\d_]"
_CAPITAL = "[A-ZÀ-ÖØ-Þ]"

# « parent@exemple.fr », « parent (at) exemple.fr », « parent arobase exemple point fr », « parent at example dot org »
_SPELLED_DOT = r"(?:[ ](?:point|dot)[ ]|[ ]?[(\[](?:point|dot)[)\]][ ]?)"
EMAIL = re.compile(
    rf"(?<![\w.+-])(?:[\w.+-]{{1,64}}{_SPELLED_DOT}){{0,3}}[\w.+-]{{1,64}}"
    r"(?:(?:@|[ ]@[ ]|[ ]?[(\[](?:at|arobase)[)\]][ ]?|[ ]arobase[ ])"
    r"\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){0,4}\.[^\W\d_]{2,24}"
    rf"|(?:[ ](?:at|arobase|@)[ ]|[ ]?[(\[](?:at|arobase)[)\]][ ]?)"
    rf"\w[\w-]{{0,62}}(?:{_SPELLED_DOT}\w[\w-]{{0,62}}){{0,3}}{_SPELLED_DOT}[^\W\d_]{{2,24}})"
    r"(?![\w-])",
    re.IGNORECASE,
)

_GAP = rf"(?:{_SPACE}?[.\-–/·,]{_SPACE}?|{_SPACE}{{1,2}})?"
_COUNTRY = rf"(?:\(?(?:\+|00)33\)?{_GAP}(?:\(0\){_GAP})?[1-9]|0[1-9])"
_MONTH_NUMBER = "(?:0[1-9]|1[0-2])"
_DIGIT_WORDS = (
    r"(?:z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?"
    r"|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante|cent|et)"
)
PHONE = re.compile(
    # One separator throughout, so that « 05.06.2025 10 parents » stays a date and a number of people.
    rf"(?<![\d+]){_COUNTRY}"
    rf"(?:(?P<pair>{_GAP})\d\d(?:(?P=pair)\d\d){{3}}|(?P<three>{_GAP})\d{{3}}(?P=three)\d{{3}}(?P=three)\d\d"
    rf"|(?P<four>{_GAP})\d{{4}}(?P=four)\d{{4}}|(?P<end>{_GAP})\d\d\d(?P=end)\d\d(?P=end)\d\d\d)(?!\d)"
    # A mobile may mix its separators, unless it starts like a date.
    rf"|(?<![\d+])(?!\d\d([./-]){_MONTH_NUMBER}\5)0[67](?:(?:{_SPACE}|[.\-/])\d\d){{4}}(?!\d)"
    rf"|(?<![\d+])0[67]{_SPACE}\d{{8}}(?!\d)"
    r"|(?<![\d+])0[1-9]\d\d(?P<dot>[ .\-])\d\d(?P=dot)\d\d(?P=dot)\d\d(?!\d)"
    # Digit by digit, but not somebody who counts from nought to nine.
    r"|(?<![\d+.\-])(?!0[ .\-]1[ .\-]2[ .\-]3)0(?:[ .\-]\d){9}(?![ .\-]?\d)"
    rf"|(?<![\d+])\+[1-9]\d{{0,2}}{_SPACE}?(?:\(0\))?(?:(?:{_SPACE}|[.\-])?\d){{8,12}}(?!\d)"
    rf"|(?<!\w)z[ée]ro[ ,-]{{1,2}}(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf)"
    rf"(?:[ ,-]{{1,2}}{_DIGIT_WORDS}(?!\w)){{4,20}}",
    re.IGNORECASE,
)

NIR = re.compile(
    r"(?<!\d)[1278][\s.\-]?\d\d[\s.\-]?(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)[\s.\-]?(?:\d\d|2[AB])"
    r"[\s.\-]?\d{3}[\s.\-]?\d{3}(?:[\s.\-/]{0,3}\d\d)?(?!\d)",
    re.IGNORECASE,
)

_MONTHS = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:rier|r\.?|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?|ao[ûu]t"
    r"|sept(?:embre|\.)?|oct(?:obre|\.)?|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sep)"
)
_ORDINAL = "(?:er|st|nd|rd|th)?"
_YEAR = rf"(?:,?{_SPACE}\d{{4}})?"
_DATE = (
    rf"(?:\d{{1,2}}[ ]?[/.\-][ ]?\d{{1,2}}[ ]?[/.\-][ ]?\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[ ]\d\d[ ]\d{{4}}"
    rf"|(?:0[1-9]|[12]\d|3[01]){_MONTH_NUMBER}(?:19|20)\d\d"
    rf"|\d{{1,2}}{_ORDINAL}{_SPACE}(?:of[ ])?{_MONTHS}{_YEAR}|{_MONTHS}{_SPACE}\d{{1,2}}{_ORDINAL}{_YEAR})(?!\d)"
)
_DAY = (
    r"(?:(?:lun|mar|mercre|jeu|vendre|same)di[ ]|dimanche[ ]"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day,?[ ](?:the[ ])?)?"
)
# « ne le 12/03 » without its accent is a birth too: the negation is never followed by a date.
_BORN = r"(?:n(?:é|e\u0301|e)(?:[(.·-]?e\)?)?(?:[(.·-]?s\)?)?|na[iî]t|naquit|venue?s?[ ]au[ ]monde)"
_WHERE = (
    r"(?:[ ](?:à|au|en)[ ](?:la[ ]|l[’'])?(?:maternité|hôpital|clinique|domicile|\d{4}|[A-ZÉ][\w’'-]{1,30})"
    r"(?:[ ](?:de[ ]|d[’'])?[A-ZÉ][\w’'-]{1,30})?)?"
)
# The place is read case-sensitively: « née à Lens le … » is a birth, « nés à l’étranger accueillis le … » a meeting.
_BORN_ON = (
    rf"\b(?i:{_BORN}){_WHERE}"
    rf"(?i:,?[ ](?:(?:le|un|dans[ ]la[ ]nuit[ ]du|hier,?|ce[ ]matin,?)[ ])?"
    rf"{_DAY}(?:{_DATE}|\d{{1,2}}/\d{{1,2}}(?![/\d])))"
)
_CHILD = (
    r"(?:bébés?|baby|petit[ ]frère|petite[ ]sœur|frère|sœur|fils|fille|enfants?|jumeaux|jumelles|aînée?|cadette?|child)"
)
_BIRTH_OF_A_CHILD = (
    r"\b(?i:naissance)[ ](?i:d[eu][ ]|des[ ]|de[ ](?:la|son|sa|leur)[ ])"
    rf"{_CHILD}(?i:[ ]?[:,]?[ ]?(?:le[ ])?{_DAY}{_DATE})"
)
_CHILD_OF = rf"\b(?i:{_CHILD})[ ]?\((?i:{_DATE})\)"
_EXPECTED = (
    r"\b(?i:expect(?:s|ing)?|attend(?:ent)?)[ ](?i:the|their|a|an|un|leur|son)[ ]"
    rf"(?i:{_CHILD}[ ](?:on|for|le|pour[ ]le)[ ](?:the[ ])?{_DAY}{_DATE})"
)
_BIRTH_ON = (
    r"\b(?i:(?:date[ ](?:prévue[ ])?(?:de[ ]|d[’']))?(?:naissance|accouchement)|ddn|dpa|accouchée?"
    r"|terme[ ](?:prévu|théorique|estimé)|césarienne)"
    rf"(?i:[ ]?[:=(]?[ ]?(?:est[ ]|sera[ ])?(?:prévue?[ ]|programmée?[ ])?(?:le[ ]|du[ ]|au[ ])?{_DAY}{_DATE})"
)
_ON_WAS_BORN = (
    rf"(?<!\d)(?i:{_DATE})(?i:,?[ ](?:est[ ])?(?:{_BORN})(?!\w)"
    r"(?![ ](?:l[’']|(?:le|la|un|une|notre|ce|cette)[ ])(?:idée|projet|groupe|envie|maison|collectif|association)))"
)
_BIRTHDAY = (
    r"\b(?i:son|leur|his|her|their)[ ](?i:premier[ ]|first[ ])?(?i:anniversaire|birthday)"
    rf"(?i:[ ]?[:=(]?[ ]?(?:(?:est|sera|tombe|is|was|falls)[ ])?(?:on[ ])?(?:le[ ]|the[ ])?{_DAY}{_DATE})"
)
_BORN_ON_ENGLISH = (
    r"\b(?i:born|gave[ ]birth)(?:[ ](?:at|in)[ ](?:the[ ])?(?:hospital|home|clinic|[A-Z][\w’'-]{1,30}))?"
    rf"(?i:,?[ ](?:on[ ])?(?:the[ ])?{_DAY}{_DATE})"
)
_BIRTH_ON_ENGLISH = (
    rf"\b(?i:date[ ]of[ ]birth|birth[ ]?date|d\.?o\.?b\.?)(?i:[ ]?[:=(]?[ ]?(?:is[ ]|was[ ])?{_DAY}{_DATE})"
)
_DUE_ON = (
    r"\b(?i:bab(?:y|ies)|twins?|child|she|mother|mum|wife)(?i:(?:[ ](?:is|are|was|were)|[’']s)[ ](?:now[ ])?due)"
    rf"(?i:[ ](?:on[ ])?(?:the[ ])?{_DAY}{_DATE})"
)
_ON_SHE_WAS_BORN = rf"(?<!\d)(?i:{_DATE},?[ ](?:he|she|they|the[ ](?:baby|twins|child))[ ](?:was|were)[ ]born\b)"
BIRTH_DATE = re.compile(
    "|".join(
        [
            _BORN_ON,
            _BIRTH_ON,
            _BIRTH_OF_A_CHILD,
            _CHILD_OF,
            _EXPECTED,
            _ON_WAS_BORN,
            _BIRTHDAY,
            _BORN_ON_ENGLISH,
            _BIRTH_ON_ENGLISH,
            _DUE_ON,
            _ON_SHE_WAS_BORN,
        ]
    )
)

_SHORT_TITLES = "Mme|Mmes|Mlle|Mlles|mme|mlle|MME|MLLE|Mr|mr|MR|MM|Mrs|mrs|MRS"
_TITLED = re.compile(
    rf"(?<!\w)(?P<title>M\.|(?:{_SHORT_TITLES}|Ms|Mx)\.?|M|Miss|(?i:madame|monsieur|mademoiselle|mesdames|messieurs))"
    rf"(?:[ \t\u00a0\u202f]{{1,3}}|(?<=\.)(?={_CAPITAL}[^\W\d_A-Z]))"
    r"(?P<name>(?:(?:de|De|DE|van|von|el|ben|da|di|dos)[ ](?:la[ ]|La[ ]|LA[ ])?|d[’'])?"
    rf"(?P<first>{_LETTER})[\w’'-]{{0,40}}(?:{_SPACE}{_CAPITAL}[\w’'-]{{0,40}}){{0,2}})"
)
_NAME = rf"(?P<called>{_CAPITAL}{_LETTER}[\w’'-]{{0,40}})"
_CALLED = (
    re.compile(rf"\bfamilles?[ ]{_NAME}"),
    re.compile(rf"\b[Tt]he[ ]{_NAME}[ ]family\b"),
    re.compile(rf"\b(?i:prénom|nom[ ]de[ ]famille|first[ ]name|surname|last[ ]name)[ ]?:[ ]{_NAME}"),
    re.compile(rf"\b(?i:prénommée?s?)[ ]{_NAME}"),
)
_NOT_FAMILIES = frozenset({"rurales", "caf", "pmi", "numéro", "christmas", "easter", "french", "english", "national"})

_SENTENCE_OPENINGS = frozenset(
    {"les", "un", "une", "des", "du", "ce", "cet", "cette", "ces", "il", "elle", "ils", "elles", "on", "nous", "vous"}
    | {"je", "ensuite", "puis", "pour", "dans", "avec", "et", "mais", "tout", "bonjour", "merci", "tout-le-monde"}
    | {"madame", "monsieur", "mademoiselle", "mme", "mlle", "mr", "mrs", "ms", "or", "and", "the"}
)
_ARTICLES = frozenset({"le", "la"})
_FUNCTIONS = frozenset(
    {"maire", "préfet", "préfète", "président", "présidente", "ministre", "député", "députée", "sénateur", "sénatrice"}
    | {"directeur", "directrice", "conseiller", "conseillère", "médecin", "docteur", "docteure", "juge"}
)
_ENGLISH_FUNCTIONS = frozenset(
    {"mayor", "president", "chair", "chairman", "chairwoman", "director", "minister", "speaker", "chancellor"}
)
_AFTER_A_TITLE = frozenset(
    {"a", "est", "qui", "que", "dont", "était", "avait", "sont", "ont", "dit", "veut", "vient", "sera", "aussi", "très"}
    | {
        "chez",
        "sur",
        "par",
        "sans",
        "aux",
        "ou",
        "x",
        "y",
        "is",
        "was",
        "has",
        "had",
        "who",
        "said",
        "in",
        "at",
        "with",
    }
)


def names(text: str) -> Iterator[tuple[int, int]]:
    """Give where people are named in a text: after a title, as a family, or as what somebody is called."""
    position = 0
    while match := _TITLED.search(text, position):
        if _is_name(match):
            yield match.span()
            position = match.end()
        else:
            # « M. et Mme X »: what follows the refused title may itself be a title.
            position = match.start("name")
    for pattern in _CALLED:
        for match in pattern.finditer(text):
            if match["called"].lower() not in _NOT_FAMILIES:
                yield match.span()


def _is_name(match: re.Match[str]) -> bool:
    """Tell a name from a function (« Monsieur le Maire ») and from the start of a sentence (« groupe M. Les »)."""
    first, *others = match["name"].lower().split()
    if first in _SENTENCE_OPENINGS or first in _ENGLISH_FUNCTIONS:
        return False
    if first in _ARTICLES:
        return match["first"].isupper() and bool(others) and others[0] not in _FUNCTIONS
    if not match["first"].isupper():
        return _is_name_without_capital(match["title"], first)
    # Without its dot, « M A » is more often a size or a group than a person.
    return match.group()[1] != " " or len(match["name"]) > 1


def _is_name_without_capital(title: str, first: str) -> bool:
    """Tell « mme durand » from « mme est venue »; after a whole word, « madame est venue », it cannot be told."""
    is_short = title.rstrip(".") in _SHORT_TITLES.split("|") and not first.startswith(("l’", "l'"))
    return is_short and len(first) > 2 and first not in _AFTER_A_TITLE | _FUNCTIONS
