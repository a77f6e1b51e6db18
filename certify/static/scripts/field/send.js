/* Sending what waits: one operation at a time, in order, by one window (or the worker) at once. */
{
  const field = (self.certifyField ??= {});
  const { store, outbox } = field;
  const PATIENCE = { photo: 120_000, other: 30_000, identity: 3_000 };
  const MOST_TRIES = 3;
  const LATER = new Set([408, 425, 429]);

  async function ask(address, options = {}, patience = PATIENCE.other) {
    const headers = { Accept: "application/json", ...options.headers };
    try {
      const response = await fetch(address, { ...options, headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout?.(patience) });
      if (response.redirected || !(response.headers.get("Content-Type") ?? "").includes("json"))
        return { status: response.status < 400 ? 502 : response.status, body: {} };
      return { status: response.status, body: await response.json() };
    } catch {
      return { status: 0, body: {} };
    }
  }

  async function post(operation, csrf) {
    const told = {
      id: operation.id, kind: operation.kind, subject: operation.subject, enrolment: operation.enrolment,
      made_at: operation.made_at, payload: operation.payload,
    };
    const headers = { "X-CSRFToken": csrf };
    if (operation.kind !== "photo")
      return ask(field.addresses.sync, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(told) });
    const body = new FormData();
    body.append("operation", JSON.stringify(told));
    body.append("file", await store.photo(operation.id), operation.payload.filename);
    return ask(field.addresses.photo, { method: "POST", headers, body }, PATIENCE.photo);
  }

  /* What the server knows from now on: later operations on the same thing start from there, and so does this device. */
  async function moveOn(operation, answer) {
    const known = operation.kind === "entry" ? { revision: answer.revision } : { base: answer.sheet };
    for (const later of await store.operations(operation.person))
      if (later.kind === operation.kind && later.subject === operation.subject && later.id !== operation.id && !later.attempted)
        await store.change(later.id, (one) => ({ ...one, payload: { ...one.payload, ...known } }));
  }

  async function note(operation, answer) {
    const data = await store.data(operation.person);
    if (!data) return;
    if (operation.kind === "attendance") {
      for (const one of data.meetings) if (one.id === operation.subject) one.sheet = answer.sheet;
    } else if (operation.kind === "entry") {
      const { activity, form, fields } = operation.payload;
      const known = data.drafts.find((one) => one.id === operation.subject);
      const draft = { files: [], ...known, id: operation.subject, activity, form, fields, revision: answer.revision, saved_at: new Date().toISOString() };
      data.drafts = [draft, ...data.drafts.filter((one) => one !== known)];
    } else {
      for (const one of data.drafts) if (one.id === operation.subject) one.files = [...one.files, operation.payload.filename];
    }
    await store.keepData(operation.person, data);
  }

  async function settle(operation, { outcome, answer }) {
    if (operation.kind === "resolution") return settleChoice(operation, answer);
    if (outcome === "conflict") return store.change(operation.id, (one) => ({ ...one, state: "conflict", answer }));
    // The device knows before it forgets: what is written meanwhile starts from the right version.
    await note(operation, answer);
    if (operation.kind !== "photo") await moveOn(operation, answer);
    return store.drop(operation.id);
  }

  async function settleChoice(operation, { is_open: isOpen, answer }) {
    const conflict = await store.operation(operation.subject);
    if (isOpen && conflict) {
      await store.change(conflict.id, (one) => ({ ...one, answer }));
      return store.drop(operation.id);
    }
    await store.drop(operation.id, operation.subject);
    // After « the other version », what was written here since has to be looked at again.
    if (conflict?.kind === "entry" && operation.payload.choice === "mine") await moveOn(conflict, answer);
    return null;
  }

  const refuse = (operation, status, message) =>
    store.change(operation.id, (one) => ({ ...one, state: "refused", status, message: message ?? "" }));

  /* Send one; return why sending must stop here, or nothing. */
  async function sendOne(operation, csrf) {
    await store.change(operation.id, (one) => ({ ...one, state: "sending", attempted: true }));
    let { status, body } = await post(operation, csrf);
    // Somebody may have been saving at the same moment: what they leave decides.
    for (let tries = 1; status === 409 && tries < MOST_TRIES; tries += 1) {
      await new Promise((done) => setTimeout(done, 300 * tries));
      ({ status, body } = await post(operation, csrf));
    }
    if (status === 200) { await settle(operation, body); return null; }
    const isLater = status === 0 || status >= 500 || status === 401 || LATER.has(status);
    if (!isLater) { await refuse(operation, status, body.message); return null; }
    await store.change(operation.id, (one) => ({ ...one, state: "waiting" }));
    return status === 0 ? "offline" : status === 401 ? "signed-out" : "busy";
  }

  async function sendAll(person, csrf) {
    const blocked = new Set();
    for (const { id } of await store.operations(person)) {
      const operation = await store.operation(id);
      if (!operation) continue;
      if (outbox.BLOCKING.has(operation.state)) { if (operation.kind !== "photo") blocked.add(operation.subject); continue; }
      if (blocked.has(operation.subject)) continue;
      const stopped = await sendOne(operation, csrf);
      if (stopped) return stopped;
      const left = await store.operation(id);
      if (left && left.kind !== "photo") blocked.add(left.subject);
    }
    return null;
  }

  /* Fetch what writing without a network takes; forget the conflicts resolved elsewhere. */
  async function refresh(person) {
    const { status, body } = await ask(field.addresses.data);
    if (status !== 200 || body.person !== person) return;
    const [before, all] = [await store.data(person), await store.operations(person)];
    // What waits keeps the form it was written with, whatever form is in use by now.
    for (const { payload } of all) if (payload.form && before?.forms[payload.form]) body.forms[payload.form] ??= before.forms[payload.form];
    await store.keepData(person, body);
    const chosen = new Set(all.filter((one) => one.kind === "resolution").map((one) => one.subject));
    const settled = all.filter((one) => one.state === "conflict" && !chosen.has(one.id) && !body.conflicts.includes(one.id));
    if (settled.length) await store.drop(...settled.map((one) => one.id));
  }

  async function run() {
    const { status, body } = await ask(field.addresses.person);
    if (status === 401 || status === 403) return "signed-out";
    if (status !== 200) return status === 0 ? "offline" : "busy";
    await store.bePersonOnce(body.person);
    const stopped = await sendAll(body.person, body.csrf);
    if (!stopped) await refresh(body.person);
    store.tell();
    return stopped ?? "done";
  }

  /* Learn who is signed in before anything is shown: the last person on this device may be another. A network that does
     not answer soon is like none. */
  field.identify = async () => {
    if (!navigator.onLine) return;
    const { status, body } = await ask(field.addresses.person, {}, PATIENCE.identity);
    if (status === 200) await store.bePersonOnce(body.person);
  };

  /* Two windows never send at once. */
  field.send = () =>
    navigator.locks ? navigator.locks.request("certify-field", { ifAvailable: true }, (lock) => (lock ? run() : "elsewhere")) : run();
}
