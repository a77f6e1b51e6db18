"""Names that the LTI specifications give to claims, messages, scopes and roles."""

from typing import Final

ABSENT: Final = object()
"""As the value of a claim or of a header: leave it out."""

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
GRADES_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROSTER_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEMS = f"{_AGS}lineitem"
LINE_ITEMS_READ = f"{_AGS}lineitem.readonly"
RESULTS = f"{_AGS}result.readonly"
SCORES = f"{_AGS}score"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (LINE_ITEMS, LINE_ITEMS_READ, RESULTS, SCORES, ROSTER)

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER = f"{MEMBERSHIP}Learner"
INSTRUCTOR = f"{MEMBERSHIP}Instructor"

SHORT_CLAIMS = {
    name: CLAIM + name
    for name in (
        "context",
        "custom",
        "deployment_id",
        "ext",
        "for_user",
        "launch_presentation",
        "lis",
        "message_type",
        "resource_link",
        "role_scope_mentor",
        "roles",
        "submission",
        "target_link_uri",
        "tool_platform",
        "version",
    )
} | {
    "deep_linking_settings": f"{DEEP_LINKING}deep_linking_settings",
    "endpoint": GRADES_CLAIM,
    "names_and_roles": ROSTER_CLAIM,
}
"""Claims by the short name tests may use for them."""
