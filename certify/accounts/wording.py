"""The words of Flask-Security in ours: French in the source, English from our catalogue, like every other page."""

from typing import Any

from flask_security.babel import FsDomain

from certify.core import i18n


def _(text: str) -> str:
    """Mark a wording for the catalogue; it is translated when it is shown."""
    return text


MESSAGES = {
    "API_ERROR": (_("Cette demande ne peut pas être comprise : recommencez depuis le début."), "error"),
    "GENERIC_AUTHN_FAILED": (
        _("L’adresse ou le mot de passe ne convient pas. Vérifiez les deux, ou demandez un nouveau mot de passe."),
        "error",
    ),
    "UNAUTHORIZED": (_("Votre compte ne permet pas d’ouvrir cette page."), "error"),
    "UNAUTHENTICATED": (_("Connectez-vous pour ouvrir cette page."), "info"),
    "REAUTHENTICATION_REQUIRED": (_("Par sécurité, confirmez que c’est bien vous avant de continuer."), "info"),
    "EMAIL_CONFIRMED": (_("Votre adresse est confirmée."), "success"),
    "ALREADY_CONFIRMED": (_("Cette adresse est déjà confirmée : vous pouvez vous connecter."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (
        _("Ce lien de confirmation n’est pas valable. Demandez-en un autre ci-dessous."),
        "error",
    ),
    "CONFIRMATION_REQUIRED": (
        _("Votre adresse n’est pas encore confirmée. Ouvrez le lien reçu par courriel, ou demandez-en un autre."),
        "error",
    ),
    "CONFIRMATION_REQUEST": (
        _("Si un compte attend la confirmation de %(email)s, un lien vient d’y être envoyé."),
        "info",
    ),
    "CONFIRMATION_EXPIRED": (
        _("Ce lien de confirmation n’est valable que %(within)s. Demandez-en un autre ci-dessous."),
        "error",
    ),
    "PASSWORD_MISMATCH": (_("Ce mot de passe n’est pas le bon."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("Les deux mots de passe ne sont pas les mêmes."), "error"),
    "INVALID_REDIRECT": (_("L’adresse de retour n’appartient pas à certify : elle est ignorée."), "error"),
    "INVALID_RECOVERY_CODE": (_("Ce code de secours n’existe pas ou a déjà servi."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("Vous n’avez pas encore de codes de secours : créez-les ci-dessous."), "info"),
    "PASSWORD_RESET_REQUEST": (
        _("Si un compte existe pour %(email)s, un lien vient d’y être envoyé. Il arrive en quelques minutes."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (_("Ce lien n’est valable que %(within)s. Demandez-en un autre ci-dessous."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _("Ce lien n’est pas valable ou a déjà servi. Demandez-en un autre ci-dessous."),
        "error",
    ),
    "PASSWORD_RESET_NO_LOGIN": (_("Votre nouveau mot de passe est enregistré. Connectez-vous avec lui."), "success"),
    "PASSWORD_RESET": (_("Votre nouveau mot de passe est enregistré."), "success"),
    "PASSWORD_IS_THE_SAME": (_("Le nouveau mot de passe doit être différent de l’ancien."), "error"),
    "PASSWORD_CHANGE": (_("Votre mot de passe est changé. Vos autres appareils sont déconnectés."), "success"),
    "PASSWORD_NOT_PROVIDED": (_("Saisissez un mot de passe."), "error"),
    "PASSWORD_INVALID_LENGTH": (_("Ce mot de passe est trop court : il faut au moins %(length)s caractères."), "error"),
    "INVALID_PASSWORD": (_("Ce mot de passe n’est pas le bon."), "error"),
    "INVALID_PASSWORD_CODE": (_("Ce mot de passe ou ce code n’est pas le bon."), "error"),
    "DISABLED_ACCOUNT": (_("Ce compte est fermé. Adressez-vous à votre organisme."), "error"),
    "EMAIL_NOT_PROVIDED": (_("Saisissez votre adresse électronique."), "error"),
    "INVALID_EMAIL_ADDRESS": (
        _("Ce n’est pas une adresse électronique. Écrivez par exemple prenom@exemple.fr."),
        "error",
    ),
    "USER_DOES_NOT_EXIST": (
        _("L’adresse ou le mot de passe ne convient pas. Vérifiez les deux, ou demandez un nouveau mot de passe."),
        "error",
    ),
    "INVALID_CODE": (_("Ce code n’est pas le bon, ou il a expiré. Saisissez celui qui s’affiche maintenant."), "error"),
    "INVALID_INPUT": (_("Ce texte contient des signes qui ne peuvent pas être acceptés."), "error"),
    "INVALID_INPUT_LENGTH": (_("Ce texte est trop long : %(length)s caractères au plus."), "error"),
    "LOGIN": (_("Connectez-vous pour ouvrir cette page."), "info"),
    "REFRESH": (_("Par sécurité, confirmez que c’est bien vous avant de continuer."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Merci, votre identité est confirmée."), "success"),
    "ANONYMOUS_USER_REQUIRED": (_("Vous êtes déjà connecté·e."), "info"),
    "CODE_HAS_BEEN_SENT": (_("Un code vient de vous être envoyé."), "info"),
    "FAILED_TO_SEND_CODE": (_("Le code n’a pas pu être envoyé. Réessayez dans quelques minutes."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (
        _("Ce code n’est pas le bon, ou il a expiré. Saisissez celui qui s’affiche maintenant."),
        "error",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("Votre code est accepté."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("La double authentification est en place : un code vous sera demandé à chaque connexion."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Cette étape a expiré : reprenez la connexion au début."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Choisissez l’une des façons proposées."), "error"),
    "TWO_FACTOR_DISABLED": (_("La double authentification est désactivée."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("La mise en place doit se faire en moins de %(within)s. Recommencez."), "error"),
    "WEBAUTHN_EXPIRED": (_("La clé doit être utilisée en moins de %(within)s. Recommencez."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("Donnez un nom à cette clé, pour la reconnaître plus tard."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("Vous avez déjà une clé nommée « %(name)s ». Choisissez un autre nom."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("Aucune de vos clés ne se nomme « %(name)s »."), "error"),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (
        _("Ce nom ne peut contenir que des lettres, des chiffres et de la ponctuation."),
        "error",
    ),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("La clé « %(name)s » est supprimée."), "success"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("La clé « %(name)s » est enregistrée."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("Cette clé est déjà enregistrée."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_("Cette clé n’est pas enregistrée sur certify."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (_("Cette clé n’est pas enregistrée sur certify."), "error"),
    "WEBAUTHN_NO_VERIFY": (
        _("Cette clé n’a pas pu être vérifiée. Recommencez, ou identifiez-vous autrement."),
        "error",
    ),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (
        _("Cette clé n’est pas enregistrée pour cet usage : connectez-vous d’abord par mot de passe."),
        "error",
    ),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("Cette clé appartient à un autre compte."), "error"),
}
"""What Flask-Security says, by the name of its setting `SECURITY_MSG_…`, with the category of the message."""

LABELS = {
    "Email Address": _("Adresse électronique"),
    "Password": _("Mot de passe"),
    "New Password": _("Nouveau mot de passe"),
    "Retype Password": _("Le même, une seconde fois"),
    "Remember Me": _("Rester connecté·e sur cet appareil"),
    "Identity": _("Adresse électronique"),
    "Authentication Code": _("Code à six chiffres"),
    "Recovery Code": _("Code de secours"),
    "Passcode": _("Code"),
    "Phone Number": _("Numéro de téléphone"),
    "Nickname": _("Nom de la clé"),
    "Usage": _("Usage"),
    "Available Methods": _("Façon de recevoir le code"),
    "Available Second Factor Methods:": _("Vérification"),
    "Use as a first authentication factor": _("à se connecter sans mot de passe"),
    "Use as a secondary authentication factor": _("en plus du mot de passe"),
    "Set up using email": _("Un code reçu par courriel à chaque connexion"),
    "Set up using an authenticator app (e.g. google, lastpass, authy)": _(
        "Une application d’authentification sur votre téléphone"
    ),
    "Disable two-factor authentication": _("Ne plus demander de second facteur"),
    "Send code via email": _("Recevoir le code par courriel"),
    "Use previously downloaded recovery code": _("Utiliser un code de secours"),
    "Trouble Accessing Your Account?/Lost Mobile Device?": _("Autre façon de vous identifier"),
    "authenticator": _("application d’authentification"),
    "email": _("courriel"),
    "passkey": _("clé d’accès"),
    "password": _("mot de passe"),
    "none": _("aucun"),
    "Forgot password?": _("Mot de passe oublié ?"),
    "This field is required.": _("Remplissez ce champ."),
}
"""What Flask-Security writes on its forms, by its English wording."""


class Wording(FsDomain):
    """Takes the place of Flask-Security's catalogue, whose French is filed under a name our locale does not match."""

    def gettext(self, string: str, **variables: Any) -> str:
        """Return a wording of Flask-Security in the visitor's language."""
        return i18n.gettext(LABELS.get(string, string), **variables)

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """Return a counted wording."""
        return i18n.ngettext(singular, plural, num, **variables)


def settings() -> dict[str, tuple[str, str]]:
    """Return the settings that give Flask-Security these messages."""
    return {f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()}
