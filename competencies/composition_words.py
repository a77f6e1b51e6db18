"""What is said of a jury that may not sit: what is wrong, and what to do."""

from competencies.framework import Text

ALONE = Text(
    "Le jury compte moins de deux personnes. Un jury est collégial : ajoutez au moins un membre.",
    "The jury has fewer than two people. A jury decides as a group: add at least one member.",
)
SEATED_TWICE = Text(
    "Cette personne figure plusieurs fois dans le jury. Gardez un seul siège.",
    "This person sits more than once on the jury. Keep one seat.",
)
NO_PRESIDENT = Text(
    "Le jury n’a pas de président·e. Désignez un membre : sa voix départage en cas d’égalité.",
    "The jury has no president. Appoint a member: they cast the deciding vote on a tie.",
)
SEVERAL_PRESIDENTS = Text(
    "Le jury a plusieurs président·es. Gardez-en un·e : sa voix départage en cas d’égalité.",
    "The jury has several presidents. Keep one: they cast the deciding vote on a tie.",
)
ALONE_ON_THE_DAY = Text(
    "Moins de deux personnes peuvent décider de cette candidature. Appelez un membre suppléant, ou présentez la "
    "personne à une autre session.",
    "Fewer than two people can decide on this candidate. Call a reserve member, or present them to another session.",
)
PRESIDENT_ABSENT = Text(
    "La personne qui préside est absente ou s’est retirée pour cette candidature. Désignez-en une autre, ou présentez "
    "la candidature à une autre session.",
    "The president is absent or has stood aside for this candidate. Appoint another one, or present the candidate to "
    "another session.",
)
UNDECLARED = Text(
    "Ce membre n’a pas déclaré ses liens avec la personne candidate. Demandez-lui sa déclaration : elle se signe avant "
    "de siéger.",
    "This member has not declared their links with the candidate. Ask for it: it is signed before sitting.",
)


def fewer_than_asked(count: int, asked: int) -> Text:
    """Say that a certification asks for more members."""
    return Text(
        f"Membres du jury : {count}. La certification en demande au moins {asked}. Ajoutez des membres.",
        f"Members of the jury: {count}. The certification asks for at least {asked}. Add members.",
    )


def no_quorum(present: int, quorum: int) -> Text:
    """Say that too few are present to decide."""
    return Text(
        f"Membres présents : {present}. Il en faut au moins {quorum} pour décider de cette candidature. "
        "Appelez un membre suppléant, ou présentez la personne à une autre session.",
        f"Members present: {present}. At least {quorum} are needed to decide on this candidate. "
        "Call a reserve member, or present them to another session.",
    )


def too_few_externals(externals: int, members: int, percent: int) -> Text:
    """Say how many members come from outside, and how many should."""
    share, share_en = ("la moitié", "half") if percent == 50 else (f"{percent} %", f"{percent}%")
    return Text(
        f"Membres externes : {externals} sur {members}. Il en faut au moins {share}, "
        "sans lien avec l’organisme certificateur ni avec l’organisme de formation.",
        f"External members: {externals} of {members}. At least {share_en} must come from outside "
        "the certifying body and the training body.",
    )


def too_few_qualified(qualified: int, asked: int) -> Text:
    """Say how many members are qualified for the certification, and how many should be for a VAE."""
    return Text(
        f"Membres qualifiés au titre de la certification : {qualified}. Il en faut au moins {asked} pour une "
        "candidature par la VAE. Complétez la qualité des membres, ou ajoutez-en un.",
        f"Members qualified for the certification: {qualified}. At least {asked} are needed for a VAE candidate. "
        "Complete what is known of the members, or add one.",
    )


def conflict(link: Text) -> Text:
    """Say what links a member to the candidate."""
    return Text(
        f"Cette personne {link.fr} : elle ne peut pas siéger pour cette candidature. Remplacez-la.",
        f"This person {link.en}: they may not sit for this candidate. Replace them.",
    )
