"""Names of claims and scopes, as the specifications spell them."""

_CORE = "https://purl.imsglobal.org/spec/lti/claim/"
_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"

VERSION = f"{_CORE}version"
MESSAGE_TYPE = f"{_CORE}message_type"
DEPLOYMENT_ID = f"{_CORE}deployment_id"
TARGET_LINK_URI = f"{_CORE}target_link_uri"
ROLES = f"{_CORE}roles"
ROLE_SCOPE_MENTOR = f"{_CORE}role_scope_mentor"
CONTEXT = f"{_CORE}context"
RESOURCE_LINK = f"{_CORE}resource_link"
PRESENTATION = f"{_CORE}launch_presentation"
PLATFORM = f"{_CORE}tool_platform"
CUSTOM = f"{_CORE}custom"
LIS = f"{_CORE}lis"
FOR_USER = f"{_CORE}for_user"

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

DL_SETTINGS = f"{_DL}deep_linking_settings"
DL_ITEMS = f"{_DL}content_items"
DL_DATA = f"{_DL}data"
DL_MESSAGE = f"{_DL}msg"
DL_ERROR = f"{_DL}errormsg"

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERSHIP_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE, MEMBERSHIP_READ)
"""Everything certify ever asks for; each token is asked with what its call needs."""
