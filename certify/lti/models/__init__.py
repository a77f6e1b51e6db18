"""The tables of LTI: registered platforms, their courses and people, launches, grade columns."""

from certify.lti.models.courses import (
    Context,
    Identity,
    LtiMembership,
    Placement,
    ResourceLink,
    RosterRead,
    RosterState,
    Target,
)
from certify.lti.models.grades import LineItem, LineItemState, Score, ScoreState
from certify.lti.models.launches import Launch, LoginState, Verdict
from certify.lti.models.registrations import (
    Deployment,
    DeploymentState,
    PlatformKeySet,
    Registration,
    RegistrationInvitation,
    RegistrationState,
    ServiceToken,
)

__all__ = [
    "Context",
    "Deployment",
    "DeploymentState",
    "Identity",
    "Launch",
    "LineItem",
    "LineItemState",
    "LoginState",
    "LtiMembership",
    "Placement",
    "PlatformKeySet",
    "Registration",
    "RegistrationInvitation",
    "RegistrationState",
    "ResourceLink",
    "RosterRead",
    "RosterState",
    "Score",
    "ScoreState",
    "ServiceToken",
    "Target",
    "Verdict",
]
