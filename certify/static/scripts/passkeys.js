/* Passkeys: <form data-passkey="create" | "get" data-options="{…}"> asks the browser as soon as the page is there, then sends the answer.
   Field names and encodings are those Flask-Security expects (its own script, BSD 3-Clause, Duo Security and J. Christopher Wagner, was the model). */
const { say } = window.certify;

const toBytes = (text) => Uint8Array.from(atob(text.replace(/_/g, "/").replace(/-/g, "+")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const toPaddedText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0)))).replace(/\+/g, "-").replace(/\//g, "_");
const withBytes = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: { ...options, challenge: toBytes(options.challenge), user: { ...options.user, id: toBytes(options.user.id) }, excludeCredentials: withBytes(options.excludeCredentials) },
  });
  return {
    id: made.id, rawId: toText(made.rawId), type: made.type,
    response: { attestationObject: toText(made.response.attestationObject), clientDataJSON: toText(made.response.clientDataJSON), transports: made.response.getTransports?.() ?? null },
    extensions: JSON.stringify(made.getClientExtensionResults()),
  };
}

async function get(options) {
  const made = await navigator.credentials.get({
    publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) },
  });
  return {
    id: made.id, rawId: toText(made.rawId), type: made.type,
    response: {
      authenticatorData: toPaddedText(made.response.authenticatorData), clientDataJSON: toPaddedText(made.response.clientDataJSON),
      signature: toPaddedText(made.response.signature), userHandle: toPaddedText(made.response.userHandle),
    },
    assertionClientExtensions: JSON.stringify(made.getClientExtensionResults()),
  };
}

async function run(form) {
  const status = form.querySelector("[data-passkey-status]");
  const again = form.querySelector("[data-passkey-again]");
  if (!window.PublicKeyCredential) {
    status.textContent = say("passkeyUnsupported");
    return;
  }
  try {
    const credential = await (form.dataset.passkey === "create" ? create : get)(JSON.parse(form.dataset.options));
    form.elements.credential.value = JSON.stringify(credential);
    // The form may hold a control called « submit », which would hide the method of that name.
    HTMLFormElement.prototype.submit.call(form);
  } catch {
    status.textContent = say("passkeyRefused");
    if (again) again.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.querySelector("[data-passkey-again]")?.addEventListener("click", () => run(form));
  run(form);
}
