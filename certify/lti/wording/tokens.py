"""Why the message of a platform was refused: its signature, its dates, its contents."""

from collections.abc import Mapping

from certify.core.i18n import lazy as _l
from certify.lti.wording.words import ASK, NOT_CONFORMING, OPEN_AGAIN, TELL, Words

_KEYS = _l("Vérifiez l’adresse des clés publiques (JWKS) de ce raccordement, puis lancez le diagnostic.")
_CLOCK = _l("Mettez à l’heure le serveur de la plateforme et celui de certify : le diagnostic mesure leur écart.")
_IDENTIFIERS = _l(
    "Comparez l’émetteur et l’identifiant client réglés des deux côtés : ils doivent être identiques, au signe près."
)

_SIGNATURE: Mapping[str, Words] = {
    "token-missing": Words(
        _l("Cette page s’ouvre depuis un cours"),
        _l("La plateforme n’a envoyé aucun message signé."),
        OPEN_AGAIN,
        _l("L’adresse de redirection ne doit pas servir de lien : dans le cours, utilisez l’outil certify."),
    ),
    "token-too-large": Words(
        _l("Le message de la plateforme est trop long"),
        _l("Il dépasse 64 ko : certify ne lit pas de message plus grand."),
        ASK,
        _l("Retirez les paramètres personnalisés inutiles de l’outil dans la plateforme."),
    ),
    "token-malformed": Words(
        _l("Le message de la plateforme est illisible"),
        _l("Il n’a pas la forme d’un jeton signé."),
        TELL,
        NOT_CONFORMING,
    ),
    "kid-missing": Words(
        _l("Le message ne dit pas avec quelle clé il est signé"),
        _l("Sans ce numéro, certify ne peut pas vérifier d’où il vient."),
        ASK,
        NOT_CONFORMING,
    ),
    "kid-unknown": Words(
        _l("La clé de la plateforme n’est pas connue"),
        _l("Le message est signé avec une clé que la plateforme ne publie pas, ou pas encore."),
        _l("Réessayez dans une minute : la plateforme vient peut-être de changer de clé."),
        _KEYS,
    ),
    "algorithm-refused": Words(
        _l("La signature emploie un procédé refusé"),
        _l("certify n’accepte que des messages signés en RS256."),
        ASK,
        _l("Réglez la signature de la plateforme sur RS256, avec une clé RSA."),
    ),
    "key-too-weak": Words(
        _l("La clé de la plateforme est trop faible"),
        _l("Elle compte moins de 2 048 bits : une telle signature peut être imitée."),
        ASK,
        _l("Faites fabriquer par la plateforme une clé RSA de 2 048 bits ou plus."),
    ),
    "signature-wrong": Words(
        _l("La signature du message est fausse"),
        _l("Le message ne vient pas de la plateforme attendue, ou il a été modifié en chemin."),
        TELL,
        _KEYS,
    ),
    "issuer-wrong": Words(
        _l("Le message vient d’une autre plateforme"),
        _l("L’émetteur du message n’est pas celui de ce raccordement."),
        TELL,
        _IDENTIFIERS,
    ),
    "audience-wrong": Words(
        _l("Le message n’est pas adressé à certify"),
        _l("L’identifiant client du message n’est pas celui de ce raccordement."),
        TELL,
        _IDENTIFIERS,
    ),
    "azp-wrong": Words(
        _l("Le message a été demandé par un autre outil"),
        _l("La plateforme l’a établi pour un autre identifiant client."),
        TELL,
        _IDENTIFIERS,
    ),
}

_TIMES: Mapping[str, Words] = {
    "expired": Words(
        _l("Le message de la plateforme a expiré"),
        _l("Il est arrivé après la fin de sa validité, parfois d’une minute seulement."),
        OPEN_AGAIN,
        _CLOCK,
    ),
    "lifetime-too-long": Words(
        _l("Le message vaut trop longtemps"),
        _l("Il resterait valable plus d’un jour : quelqu’un pourrait s’en servir plus tard."),
        ASK,
        NOT_CONFORMING,
    ),
    "issued-in-future": Words(
        _l("Les horloges ne sont pas d’accord"), _l("Le message est daté dans le futur."), TELL, _CLOCK
    ),
    "issued-too-long-ago": Words(
        _l("Le message de la plateforme est trop ancien"),
        _l("Il a été établi il y a plus de dix minutes."),
        OPEN_AGAIN,
        _CLOCK,
    ),
    "time-missing": Words(
        _l("Le message n’est pas daté"),
        _l("Il ne dit pas quand il a été établi, ou jusqu’à quand il vaut."),
        ASK,
        NOT_CONFORMING,
    ),
    "nonce-missing": Words(
        _l("Le message peut servir plusieurs fois"),
        _l("Il ne porte pas le numéro unique que certify avait demandé."),
        ASK,
        NOT_CONFORMING,
    ),
    "nonce-wrong": Words(
        _l("Ce message répond à une autre connexion"),
        _l("Son numéro unique n’est pas celui de la connexion commencée ici."),
        OPEN_AGAIN,
        _l("Si toutes les ouvertures échouent, un serveur intermédiaire garde peut-être en mémoire les réponses."),
    ),
}

_CONTENTS: Mapping[str, Words] = {
    "subject-missing": Words(
        _l("La plateforme n’a pas dit qui vous êtes"),
        _l("Le message ne porte aucun identifiant de personne, alors que certify tient un dossier par personne."),
        ASK,
        _l("Dans la plateforme, autorisez l’envoi de l’identifiant des personnes à cet outil."),
    ),
    "version-missing": Words(
        _l("Le message ne dit pas sa version"),
        _l("certify ne sait pas selon quelle norme le lire."),
        ASK,
        NOT_CONFORMING,
    ),
    "version-wrong": Words(
        _l("Cette version de LTI n’est pas prise en charge"),
        _l("certify parle LTI 1.3 ; le message suit une autre version."),
        ASK,
        _l("Déclarez certify dans la plateforme comme outil LTI 1.3, et non 1.1."),
    ),
    "message-type-missing": Words(
        _l("Le message ne dit pas ce qu’il demande"), _l("Son type est absent."), ASK, NOT_CONFORMING
    ),
    "message-type-unknown": Words(
        _l("certify ne sait pas répondre à cette demande"),
        _l("La plateforme a envoyé un type de message que certify n’offre pas."),
        _l("Retournez dans votre cours et ouvrez certify par un lien ordinaire."),
        _l("Retirez cet emplacement de l’outil dans la plateforme : la page du raccordement liste ceux qui existent."),
    ),
    "roles-missing": Words(
        _l("La plateforme n’a pas dit votre rôle"),
        _l("Le message ne porte pas de liste de rôles, même vide."),
        ASK,
        NOT_CONFORMING,
    ),
    "roles-malformed": Words(
        _l("Les rôles envoyés sont illisibles"),
        _l("La plateforme devait envoyer une liste de textes."),
        ASK,
        NOT_CONFORMING,
    ),
    "resource-link-missing": Words(
        _l("Le message ne dit pas quel lien a été ouvert"), _l("Son lien de ressource est absent."), ASK, NOT_CONFORMING
    ),
    "target-missing": Words(
        _l("Le message ne dit pas où aller"), _l("Son adresse de destination est absente."), ASK, NOT_CONFORMING
    ),
    "target-foreign": Words(
        _l("Le lien mène hors de certify"),
        _l("Son adresse de destination n’est pas une page de ce site."),
        ASK,
        _l("Corrigez l’adresse de l’outil ou du lien dans la plateforme : elle commence par l’adresse de certify."),
    ),
    "claims-malformed": Words(
        _l("Le message de la plateforme est mal formé"),
        _l("Une de ses parties n’a pas la forme que la norme lui donne."),
        TELL,
        NOT_CONFORMING,
    ),
    "deep-linking-settings-missing": Words(
        _l("La plateforme n’a pas dit où rendre votre choix"),
        _l("La demande de choix de contenu ne porte pas ses réglages."),
        ASK,
        NOT_CONFORMING,
    ),
    "for-user-missing": Words(
        _l("La plateforme n’a pas dit de qui relire le travail"),
        _l("La demande de relecture ne nomme aucune personne."),
        ASK,
        NOT_CONFORMING,
    ),
}

TOKENS: Mapping[str, Words] = {**_SIGNATURE, **_TIMES, **_CONTENTS}
"""Every rule the signed message itself may break."""
