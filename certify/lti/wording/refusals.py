"""Why a launch was refused, one explanation for each rule of `protocol.errors`."""

from collections.abc import Mapping

from certify.core.i18n import lazy as _l
from certify.lti.wording.tokens import TOKENS
from certify.lti.wording.words import ASK, NOT_CONFORMING, OPEN_AGAIN, TELL, Words

_LOGIN: Mapping[str, Words] = {
    "issuer-missing": Words(
        _l("La plateforme de cours ne s’est pas présentée"),
        _l("La demande de connexion ne dit pas de quelle plateforme elle vient."),
        OPEN_AGAIN,
        _l(
            "Vérifiez l’adresse d’initiation de connexion réglée dans la plateforme : elle doit être appelée par la "
            "plateforme, et non ouverte comme un lien ordinaire."
        ),
    ),
    "login-hint-missing": Words(
        _l("La plateforme de cours n’a pas dit pour qui elle appelle"),
        _l("La demande de connexion n’indique aucune personne."),
        OPEN_AGAIN,
        NOT_CONFORMING,
    ),
    "registration-unknown": Words(
        _l("Cette plateforme de cours n’est pas raccordée"),
        _l("certify ne connaît pas cette plateforme, ou pas sous cet identifiant client."),
        ASK,
        _l(
            "Comparez l’émetteur et l’identifiant client de la plateforme avec ceux de la page « Plateformes » ; "
            "sinon, raccordez-la par une invitation."
        ),
    ),
    "registration-ambiguous": Words(
        _l("Plusieurs raccordements portent la même adresse"),
        _l("La plateforme n’a pas dit lequel de ses raccordements elle utilise."),
        ASK,
        _l(
            "Réglez dans la plateforme l’adresse d’initiation de connexion propre à ce raccordement : elle est "
            "indiquée sur sa page."
        ),
    ),
    "registration-disabled": Words(
        _l("Ce raccordement est suspendu"),
        _l("L’accès depuis cette plateforme de cours a été suspendu."),
        _l("Demandez à votre organisme de formation quand il rouvrira ; vous pouvez aussi ouvrir certify directement."),
        _l("Réactivez le raccordement sur sa page, si la suspension n’a plus de raison d’être."),
    ),
    "registration-pending": Words(
        _l("Ce raccordement attend d’être approuvé"),
        _l("La plateforme de cours s’est inscrite ; personne ne l’a encore approuvée dans certify."),
        ASK,
        _l("Ouvrez la page de ce raccordement et activez-le."),
    ),
    "platform-error": Words(
        _l("La plateforme de cours a refusé la connexion"),
        _l("Elle a répondu par une erreur au lieu de dire qui vous êtes."),
        TELL,
        _l(
            "Lisez le détail : souvent, la session de la personne a pris fin ou l’adresse de redirection de l’outil "
            "n’est pas exactement celle de la page du raccordement."
        ),
    ),
}

_BROWSER: Mapping[str, Words] = {
    "state-missing": Words(
        _l("Cette page s’ouvre depuis un cours"),
        _l("La réponse de la plateforme ne porte pas le numéro de la connexion commencée."),
        OPEN_AGAIN,
        _l("La plateforme doit renvoyer tel quel le paramètre « state »."),
    ),
    "state-unknown": Words(
        _l("Ce lien a déjà servi"),
        _l("Chaque ouverture ne vaut qu’une fois : la page a été rechargée, ou la connexion n’a pas commencé ici."),
        OPEN_AGAIN,
        _l("Rien à faire, sauf si toutes les ouvertures échouent : lancez alors le diagnostic."),
    ),
    "state-expired": Words(
        _l("La connexion a pris trop de temps"),
        _l("Plus de dix minutes ont passé entre l’ouverture du lien et la réponse de la plateforme."),
        OPEN_AGAIN,
        _l("Rien à faire, sauf si cela arrive à tout le monde : vérifiez la lenteur de la plateforme."),
    ),
    "browser-unbound": Words(
        _l("Votre navigateur n’a pas pu être reconnu"),
        _l("Il n’a gardé aucun témoin de connexion : il bloque peut-être ceux des pages incluses dans une autre."),
        _l("Ouvrez certify dans une nouvelle fenêtre avec le bouton de cette page, ou depuis un autre navigateur."),
        _l("Réglez le lien pour qu’il s’ouvre dans une nouvelle fenêtre si beaucoup de personnes sont concernées."),
    ),
    "used-already": Words(
        _l("Ce lien a déjà servi"),
        _l("Ce que vous venez d’envoyer l’a déjà été : rien n’a été fait deux fois."),
        OPEN_AGAIN,
        _l("Rien à faire."),
    ),
}

_DEPLOYMENT: Mapping[str, Words] = {
    "deployment-missing": Words(
        _l("Le lancement ne dit pas de quelle installation il vient"),
        _l("Le message de la plateforme ne porte pas de numéro de déploiement."),
        ASK,
        NOT_CONFORMING,
    ),
    "deployment-pending": Words(
        _l("Cet espace attend d’être approuvé"),
        _l("C’est la première fois que certify est ouvert depuis cet endroit de la plateforme."),
        _l("Prévenez votre organisme de formation : il suffit qu’une personne l’approuve, puis le lien fonctionnera."),
        _l("Ouvrez la page du raccordement et approuvez le déploiement qui attend, si vous le reconnaissez."),
    ),
    "deployment-disabled": Words(
        _l("Cet espace de la plateforme n’est pas accepté"),
        _l("L’accès depuis cet endroit de la plateforme a été refusé ou retiré."),
        ASK,
        _l("Approuvez de nouveau ce déploiement sur la page du raccordement, si c’était une erreur."),
    ),
    "person-inactive": Words(
        _l("Ce compte est fermé"),
        _l("Votre compte dans certify a été réuni à un autre, ou fermé par votre organisme."),
        _l("Adressez-vous à votre formatrice ou à votre formateur : rien de ce que vous avez écrit n’est perdu."),
        _l("La personne a été réunie à un autre compte ou désactivée : vérifiez la page « Personnes »."),
    ),
    "keys-unreachable": Words(
        _l("La plateforme de cours ne donne pas ses clés"),
        _l("certify n’a pas pu lire les clés qui prouvent que le message vient bien d’elle."),
        _l("Réessayez dans quelques minutes ; votre travail est intact."),
        _l("Lancez le diagnostic : il dit si l’adresse des clés est fausse, bloquée ou en panne."),
    ),
}

LAUNCHES: Mapping[str, Words] = {**_LOGIN, **_BROWSER, **_DEPLOYMENT, **TOKENS}
"""Every rule a launch may break."""
