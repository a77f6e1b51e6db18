"""The rules of juries in words: what each asks, where it comes from, and the links that keep somebody from sitting."""

from collections.abc import Mapping

from competencies.framework import Text

VAE_LAW = "Code du travail, art. D6412-6 (jury de VAE)"
VAE_LAW_FOR_ALL = f"{VAE_LAW}, appliqué ici à toutes les voies d’accès"
INDEPENDENCE = (
    "Usage des jurys de certification professionnelle : collégialité, indépendance, moitié de membres externes"
)
REGULATIONS = "Règlement de la certification"
IMPARTIALITY = "Principe d’impartialité : personne ne décide de sa propre certification"
BLOCKS = "Code du travail, art. L6113-1 : chaque bloc de compétences est évalué et validé pour lui-même"
ACQUIRED_FOR_GOOD = "Code de l’éducation, art. L335-5 : les parties de certification obtenues le sont définitivement"
REASONS = "Règle du logiciel : une décision défavorable, ou qui s’écarte des évaluations, est motivée par écrit"

CONFLICTS: Mapping[str, Text] = {
    "trained": Text("a formé la personne candidate", "trained the candidate"),
    "assessed": Text(
        "a évalué la personne candidate pendant le parcours", "assessed the candidate during the programme"
    ),
    "supervised": Text("a encadré la personne candidate sur le terrain", "supervised the candidate in the field"),
    "observed": Text(
        "a observé une rencontre animée par la personne candidate", "observed a meeting run by the candidate"
    ),
    "employed": Text("emploie ou a employé la personne candidate", "employs or has employed the candidate"),
    "accompanied": Text(
        "a accompagné la personne candidate vers la certification", "accompanied the candidate to certification"
    ),
    "same_house": Text(
        "exerce dans la même Maison que la personne candidate", "works in the same house as the candidate"
    ),
    "is_candidate": Text("est la personne candidate", "is the candidate"),
    "declared": Text("a déclaré un lien avec la personne candidate", "declared a link with the candidate"),
}
"""Each link between a member and a candidate that keeps them from sitting for that candidate."""

OTHER_CONFLICT = Text("a un autre lien avec la personne candidate", "has another link with the candidate")

RULES: Mapping[str, Text] = {
    "fewest_members": Text("Membres du jury, au moins", "Members of the jury, at least"),
    "external_percent": Text("Part de membres externes, au moins (%)", "Share of external members, at least (%)"),
    "quorum": Text("Membres présents pour délibérer, au moins", "Members present to deliberate, at least"),
    "vae_qualified": Text(
        "Membres qualifiés au titre de la certification, en VAE, au moins",
        "Members qualified for the certification, in VAE, at least",
    ),
    "blocking": Text("Liens qui empêchent de siéger", "Links that keep somebody from sitting"),
    "is_balance_shown": Text(
        "Équilibre entre femmes et hommes montré pour la VAE", "Balance of women and men shown for VAE"
    ),
    "access_days": Text(
        "Jours d’accès des membres aux dossiers après la publication", "Days members read the files after publication"
    ),
    "appeal_days": Text("Jours pour contester une décision publiée", "Days to contest a published decision"),
    "validity_months": Text(
        "Mois de validité de la certification (0 : sans limite)", "Months the certification is valid (0: no limit)"
    ),
    "renewal_months_before": Text(
        "Mois avant l’échéance où le renouvellement s’ouvre", "Months before the end from which it may be renewed"
    ),
}
"""How each rule is called, in the order to show them."""

_OWN_RULES = Text(
    "Valeur du logiciel : le règlement de la certification fixe la sienne.",
    "A default of the software: the regulations of the certification set their own.",
)

SOURCES: Mapping[str, Text] = {
    "fewest_members": Text(
        "Code du travail, art. D6412-6 : un jury de VAE compte au moins deux personnes. Usage pour les autres voies : "
        "un jury est collégial.",
        "Labour code, art. D6412-6: a VAE jury has at least two people. Custom for other routes: a jury decides as a "
        "group.",
    ),
    "external_percent": Text(
        "Usage des jurys de certification professionnelle : la moitié des membres au moins n’appartient ni à "
        "l’organisme certificateur ni à l’organisme de formation. Aucun texte ne fixe ce chiffre.",
        "Custom of professional certification juries: at least half of the members belong neither to the certifying "
        "body nor to the training body. No text sets this figure.",
    ),
    "quorum": Text(
        "Usage : une décision collégiale demande au moins deux membres présents. Le règlement de la certification "
        "peut en demander davantage.",
        "Custom: a collegial decision needs at least two members present. The regulations of the certification may "
        "ask for more.",
    ),
    "vae_qualified": Text(
        "Code du travail, art. D6412-6 : au moins une personne qualifiée au titre de la certification visée.",
        "Labour code, art. D6412-6: at least one person qualified for the certification sought.",
    ),
    "blocking": Text(
        "Code du travail, art. D6412-6 : ni lien personnel ou professionnel, présent ou passé, avec la personne "
        "candidate, ni accompagnement de sa démarche. Pour la VAE, tous les liens empêchent de siéger.",
        "Labour code, art. D6412-6: no personal or professional link, present or past, with the candidate, nor "
        "accompaniment. For VAE, every link keeps from sitting.",
    ),
    "is_balance_shown": Text(
        "Code du travail, art. D6412-6 : représentation équilibrée des femmes et des hommes. Le texte ne donne pas de "
        "chiffre : l’équilibre est montré, il n’empêche pas de délibérer.",
        "Labour code, art. D6412-6: balanced representation of women and men. The text gives no figure: the balance "
        "is shown, it does not prevent deliberating.",
    ),
    "access_days": Text(
        "RGPD, art. 5 : l’accès aux dossiers dure le temps nécessaire. Le nombre de jours est une valeur du logiciel.",
        "GDPR, art. 5: files are open for as long as needed. The number of days is a default of the software.",
    ),
    "appeal_days": _OWN_RULES,
    "validity_months": Text(
        "Code de l’éducation, art. L335-5 : ce qui est obtenu l’est définitivement. Une durée n’est donnée que si le "
        "règlement de la certification la prévoit.",
        "Education code, art. L335-5: what is obtained is obtained for good. A length is given only when the "
        "regulations of the certification say so.",
    ),
    "renewal_months_before": _OWN_RULES,
}
"""Where each rule comes from."""
