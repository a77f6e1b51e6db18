"""The platform's pages, as Jinja writes them (values are escaped), and the scripts in them."""

_HEAD = '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{{ title }}</title></head>'

_HANDLER = """
<script>
// LTI client side postMessages 1.0 and LTI postMessage storage 0.1.
const origins = {{ origins|tojson }};
const storageFrame = {{ storage_frame|tojson }};
const kept = new Map();
window.messagesSeen = [];
const hasKey = (message) => typeof message.key === "string" && message.key !== "";
const badKey = { error: { code: "bad_request", message: "key" } };
function answered(message, origin) {
  switch (message.subject) {
    case "lti.capabilities":
      return { supported_messages: [
        { subject: "lti.capabilities" },
        { subject: "lti.frameResize" },
        { subject: "lti.put_data", frame: storageFrame },
        { subject: "lti.get_data", frame: storageFrame },
      ] };
    case "lti.put_data":
      if (!hasKey(message)) return badKey;
      if (message.value === null || message.value === undefined) kept.delete(origin + " " + message.key);
      else kept.set(origin + " " + message.key, String(message.value));
      return { key: message.key, value: message.value };
    case "lti.get_data":
      if (!hasKey(message)) return badKey;
      return { key: message.key, value: kept.get(origin + " " + message.key) ?? null };
    case "lti.frameResize": {
      const frame = document.getElementById("tool");
      if (frame && Number.isFinite(message.height)) frame.style.height = message.height + "px";
      return {};
    }
    case "org.imsglobal.lti.close":
      document.documentElement.dataset.closed = "yes";
      document.getElementById("state").textContent = "Terminé";
      return null;
    default:
      return { error: { code: "unsupported_subject", message: String(message.subject) } };
  }
}
addEventListener("message", (event) => {
  const message = event.data;
  if (typeof message !== "object" || message === null || typeof message.subject !== "string") return;
  window.messagesSeen.push({ ...message, origin: event.origin });
  if (!origins.includes(event.origin)) return;
  const isStorage = ["lti.put_data", "lti.get_data"].includes(message.subject);
  if (isStorage && storageFrame !== {{ own_frame|tojson }}) return;
  const answer = answered(message, event.origin);
  if (answer === null) return;
  const told = { subject: message.subject + ".response", message_id: message.message_id, ...answer };
  event.source.postMessage(told, event.origin);
});
</script>
"""


def _with_handler(body: str, *, title: str, own_frame: str, storage_frame: str) -> str:
    set_values = f'{{% set title = "{title}" %}}{{% set own_frame = "{own_frame}" %}}'
    return f"{set_values}{{% set storage_frame = {storage_frame} %}}{_HEAD}<body>{_HANDLER}{body}</body></html>"


COURSE = _with_handler(
    """
<main>
<h1>{{ course.title }}</h1>
<p>{{ person.name }} <span id="state"></span></p>
{% if not framed %}
<ul>
{% for link in links %}
<li><span>{{ link.title }}</span>
<a href="/course?course={{ course.id }}&amp;user={{ person.sub }}&amp;link={{ link.id }}">Ouvrir ici</a>
<a href="/launch?user={{ person.sub }}&amp;link={{ link.id }}" target="_blank">Ouvrir dans une fenêtre</a></li>
{% endfor %}
</ul>
<p><a href="/course?course={{ course.id }}&amp;user={{ person.sub }}&amp;message=LtiDeepLinkingRequest">Ajouter</a></p>
{% endif %}
{% if storage == "lti_storage" %}<iframe name="lti_storage" title="Stockage" src="/storage" hidden></iframe>{% endif %}
{% if framed %}
<iframe id="tool" name="tool" title="certify" src="{{ framed }}" width="100%" height="400"></iframe>
{% endif %}
</main>
""",
    title="Cours",
    own_frame="_parent",
    storage_frame="storage",
)

STORAGE = _with_handler('<p id="state"></p>', title="Stockage", own_frame="lti_storage", storage_frame='"lti_storage"')

REGISTER = _with_handler(
    """
<main>
<h1>Installer un outil</h1>
<p id="state">En cours</p>
<iframe id="tool" name="tool" title="Installation" src="{{ framed }}" width="100%" height="700"></iframe>
</main>
""",
    title="Installer un outil",
    own_frame="_parent",
    storage_frame='"_parent"',
)

SELF_SENDING = (
    '{% set title = "Ouverture" %}'
    + _HEAD
    + """<body>
<form id="launch" action="{{ action }}" method="{{ method }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<noscript><button>Continuer</button></noscript>
</form>
<script>document.getElementById("launch").submit();</script>
</body></html>"""
)

SAVED = (
    '{% set title = "Activités ajoutées" %}'
    + _HEAD
    + """<body><main>
<h1>{{ items|length }} activité(s) ajoutée(s)</h1>
{% if message %}<p id="message">{{ message }}</p>{% endif %}
{% if error %}<p id="error">{{ error }}</p>{% endif %}
<ul>{% for item in items %}<li>{{ item.title }}</li>{% endfor %}</ul>
</main></body></html>"""
)

BACK = (
    '{% set title = "De retour" %}'
    + _HEAD
    + """<body><main>
<h1>De retour dans le cours</h1>
<p id="message">{{ lti_msg }}</p>
<p id="error">{{ lti_errormsg }}</p>
</main></body></html>"""
)
