"""Two hundred names that documents have trouble with: long, accented, punctuated, looking like HTML or like code."""

GIVEN = (
    "Łukasz", "Nguyễn Thị Ánh", "Anne-Marie", "D’Artagnan", "Zoë", "Ħrvoje", "Ğüneş", "Ŝŭdomir", "Éloïse Œuvrard",
    "María José", "<b>Jean</b>", "{{ 7*7 }}", "A&amp;B", "Jean\u00a0Paul", "Þórunn", "Ștefan",
)  # fmt: skip
FAMILY = (
    "Dvořák", "O’Brien-d’Été", "de la Concepción Montserrat y Villanueva del Río Guadalquivir Ortega",
    "Nom-de-Famille-Très-Long-Sans-Aucune-Espace-Pour-Passer-À-La-Ligne-Suivante", "van ’t Hoff", "Ðorđević",
    '"><img src=x onerror=alert(1)>', "</style><script>", "Ÿ", "Ñandú Ibáñez", "Ēriks-Åsmund",
    "Jr., M.", "of Æthelred", "X-Æ",
)  # fmt: skip
NAMES = tuple(f"{given} {family}" for given in GIVEN for family in FAMILY)[:200]
REFUSED = {
    "محمد علي": "محدعلي",
    "王小明": "王小明",
    "Фёдор": "Фёдор",
    "Σωκράτης": "Σωκράτης",
    "Jean\u202eluaP": "\u202e",
    "Zo\u200bë": "\u200b",
    "Ana 👩\u200d👧": "👩\u200d👧",
}
"""Names that documents cannot write, with the characters to blame."""
