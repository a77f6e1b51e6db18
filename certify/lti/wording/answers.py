"""Why a platform could not be asked, would not register certify, or would not take a grade."""

from collections.abc import Mapping

from certify.core.i18n import lazy as _l
from certify.lti.wording.words import NOT_CONFORMING, Words

_LATER = _l("Rien n’est perdu : certify réessaie de lui-même quand c’est possible.")
_ASK_TRAINER = _l("Rien à faire de votre côté : la formatrice ou le formateur voit ce refus sur sa page des notes.")
_AGAIN = _l("Recommencez l’ajout de l’outil dans votre plateforme ; l’invitation reste valable.")

UNREACHABLE: Mapping[str, Words] = {
    "timeout": Words(
        _l("La plateforme ne répond pas à temps"),
        _l("certify a attendu, sans recevoir de réponse complète."),
        _LATER,
        _l("Vérifiez que la plateforme est en marche et qu’aucun pare-feu ne bloque les appels venus de certify."),
    ),
    "refused": Words(
        _l("La plateforme n’est pas joignable"),
        _l("Son adresse n’existe pas, ou rien n’y répond."),
        _LATER,
        _l("Vérifiez l’adresse, le nom de domaine et le pare-feu de la plateforme."),
    ),
    "tls": Words(
        _l("La connexion chiffrée a échoué"),
        _l("Le certificat de la plateforme est expiré, incomplet ou ne correspond pas à son nom."),
        _LATER,
        _l("Renouvelez le certificat de la plateforme, avec sa chaîne complète."),
    ),
    "too-large": Words(
        _l("La réponse est trop longue"),
        _l("certify a cessé de lire : la réponse dépasse la taille permise."),
        _LATER,
        _l("Vérifiez que l’adresse est bien celle du service, et non celle d’une page ou d’un fichier."),
    ),
    "private-address": Words(
        _l("L’adresse mène dans un réseau privé"),
        _l("certify n’appelle que des serveurs publics, pour ne pas être détourné vers un réseau interne."),
        _LATER,
        _l("Donnez à la plateforme une adresse publique. Le réglage CERTIFY_LTI_ALLOW_INSECURE ne sert qu’aux essais."),
    ),
    "insecure": Words(
        _l("L’adresse n’est pas chiffrée"),
        _l("certify n’appelle que des adresses qui commencent par https://."),
        _LATER,
        _l("Mettez la plateforme en HTTPS, puis corrigez ses adresses sur la page du raccordement."),
    ),
    "redirect": Words(
        _l("L’adresse renvoie ailleurs"),
        _l("La plateforme a répondu par une redirection que certify ne suit pas."),
        _LATER,
        _l("Réglez l’adresse finale, celle qui répond sans redirection."),
    ),
    "not-json": Words(
        _l("La réponse n’est pas celle d’un service"),
        _l("certify attendait des données et a reçu autre chose, souvent une page de connexion ou d’erreur."),
        _LATER,
        _l("Ouvrez l’adresse vous-même : elle doit donner du JSON sans demander de connexion."),
    ),
    "status": Words(
        _l("La plateforme répond par une erreur"),
        _l("Elle a bien reçu la demande, et n’a pas pu ou pas voulu y répondre."),
        _LATER,
        _l("Lisez sa réponse : l’adresse est peut-être celle d’un autre service, ou l’accès y est fermé."),
    ),
    "token-refused": Words(
        _l("La plateforme refuse de donner un jeton d’accès"),
        _l("certify a demandé l’accès à ses services et ne l’a pas obtenu."),
        _LATER,
        _l(
            "Vérifiez l’identifiant client, l’adresse des clés de certify dans la plateforme, et que les services de "
            "notes et de liste des membres sont permis à cet outil."
        ),
    ),
    "too-many-pages": Words(
        _l("La liste ne finit pas"),
        _l("La plateforme a donné trop de pages de suite : certify s’est arrêté plutôt que d’en croire une partie."),
        _LATER,
        NOT_CONFORMING,
    ),
}

_FIX_PLATFORM = _l(
    "La plateforme ne décrit pas tout ce que la norme demande. Mettez-la à jour, ou raccordez-la à la main."
)

REGISTRATION: Mapping[str, Words] = {
    "configuration-malformed": Words(
        _l("La plateforme se décrit mal"), _l("Ce qu’elle dit d’elle-même ne peut pas être lu."), _AGAIN, _FIX_PLATFORM
    ),
    "configuration-missing": Words(
        _l("La plateforme ne dit pas comment elle emploie LTI"),
        _l("Sa description ne comporte pas la partie que la norme réserve à LTI."),
        _AGAIN,
        _FIX_PLATFORM,
    ),
    "issuer-missing": Words(
        _l("La plateforme ne dit pas son nom"), _l("Sa description ne nomme aucun émetteur."), _AGAIN, _FIX_PLATFORM
    ),
    "issuer-foreign": Words(
        _l("La plateforme se présente sous le nom d’une autre"),
        _l("L’émetteur qu’elle annonce n’est pas sur le site qui a été interrogé."),
        _AGAIN,
        _l("Ouvrez la plateforme par son adresse officielle, celle de l’émetteur, puis recommencez."),
    ),
    "endpoint-missing": Words(
        _l("Il manque une adresse à la plateforme"),
        _l("Sa description n’indique pas toutes les adresses dont certify a besoin."),
        _AGAIN,
        _FIX_PLATFORM,
    ),
    "endpoint-insecure": Words(
        _l("La plateforme n’est pas chiffrée"),
        _l("Une de ses adresses ne commence pas par https://."),
        _AGAIN,
        _l("Mettez la plateforme en HTTPS, puis recommencez."),
    ),
    "algorithm-unsupported": Words(
        _l("La plateforme ne signe pas en RS256"),
        _l("certify n’accepte que ce procédé de signature, que la norme impose."),
        _AGAIN,
        _FIX_PLATFORM,
    ),
    "authentication-unsupported": Words(
        _l("La plateforme n’accepte pas que certify se présente par une clé"),
        _l("Elle devrait permettre « private_key_jwt » à son adresse de jetons."),
        _AGAIN,
        _FIX_PLATFORM,
    ),
    "response-unsupported": Words(
        _l("La plateforme ne sait pas envoyer de message signé"),
        _l("Elle devrait permettre la réponse « id_token »."),
        _AGAIN,
        _FIX_PLATFORM,
    ),
    "answer-malformed": Words(
        _l("La réponse de la plateforme est illisible"),
        _l("Elle a répondu à l’enregistrement, mais pas comme la norme le dit."),
        _AGAIN,
        _l("Retirez de la plateforme l’outil à moitié ajouté, puis recommencez ou raccordez-la à la main."),
    ),
    "client-missing": Words(
        _l("La plateforme n’a pas attribué d’identifiant à certify"),
        _l("Sa réponse ne comporte pas d’identifiant client."),
        _AGAIN,
        _l("Retirez de la plateforme l’outil à moitié ajouté, puis recommencez ou raccordez-la à la main."),
    ),
    "registration-refused": Words(
        _l("La plateforme a refusé l’enregistrement"),
        _l("Elle n’a pas voulu ajouter certify à ses outils."),
        _l("Recommencez l’ajout depuis la plateforme : son autorisation ne vaut que quelques minutes."),
        _l("Si elle refuse encore, vérifiez vos droits d’administration, ou qu’un outil certify n’y est pas déjà."),
    ),
}

SCORES: Mapping[str, Words] = {
    "unreachable": UNREACHABLE["refused"],
    "suspended": Words(
        _l("Le raccordement est suspendu"),
        _l("Rien n’est envoyé à cette plateforme, ou à cet espace de la plateforme, tant qu’il l’est."),
        _l("Rien n’est perdu : la note part d’elle-même quand le raccordement est réactivé."),
        _l("Réactivez le raccordement sur sa page, si la suspension n’a plus de raison d’être."),
    ),
    "busy": Words(
        _l("La plateforme reçoit trop de demandes"),
        _l("Elle demande à certify d’attendre avant d’envoyer d’autres notes."),
        _LATER,
        _l("Rien à faire, sauf si cela dure : la plateforme limite peut-être trop les appels de cet outil."),
    ),
    "down": Words(
        _l("La plateforme est en panne"),
        _l("Elle a répondu par une erreur de son côté."),
        _LATER,
        _l("Si cela dure, regardez le journal d’erreurs de la plateforme à l’heure de l’envoi."),
    ),
    "outdated": Words(
        _l("La plateforme croit avoir une note plus récente"),
        _l("Elle montre une autre note que celle de certify et n’en accepte pas de nouvelle pour l’instant."),
        _LATER,
        _l("Comparez l’heure du serveur de la plateforme et celle de certify."),
    ),
    "abandoned": Words(
        _l("La plateforme n’a pas répondu pendant trente jours"),
        _l("certify a réessayé tout ce temps, puis s’est arrêté ; la note est gardée."),
        _ASK_TRAINER,
        _l("Quand la plateforme répond de nouveau, renvoyez les notes refusées."),
    ),
    "not-enrolled": Words(
        _l("Cette personne n’est plus dans le cours"),
        _l("La plateforme ne la connaît pas, ou plus, parmi les membres du cours."),
        _ASK_TRAINER,
        _l("Réinscrivez la personne dans le cours, puis renvoyez la note."),
    ),
    "not-gradable": Words(
        _l("Cette personne ne peut pas être notée"),
        _l("Dans le cours, son rôle n’est pas un rôle d’apprenant·e."),
        _ASK_TRAINER,
        _l("Donnez-lui dans le cours un rôle qui reçoit des notes, puis renvoyez la note."),
    ),
    "gone": Words(
        _l("La colonne de notes n’existe plus"),
        _l("Elle a été supprimée dans la plateforme."),
        _ASK_TRAINER,
        _l("Créez de nouveau les colonnes depuis la page du cours : les notes y seront renvoyées."),
    ),
    "forbidden": Words(
        _l("La plateforme interdit d’écrire cette note"),
        _l("certify n’a pas, ou plus, le droit d’écrire dans ce carnet de notes."),
        _ASK_TRAINER,
        _l("Permettez à l’outil d’utiliser le service de notes, puis renvoyez la note."),
    ),
    "refused": Words(
        _l("La plateforme refuse cette note"),
        _l("Elle n’en a pas donné de raison que certify sache lire ; sa réponse est gardée mot pour mot."),
        _ASK_TRAINER,
        _l("Lisez la réponse de la plateforme, corrigez, puis renvoyez la note."),
    ),
}
