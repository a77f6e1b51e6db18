/* What was done here and has not been sent: one operation each, with an identifier made here, so that the server does it once
   however often it is sent. Writing again in something that never left this device changes its operation; once it may have
   left, the same identifier would get the first answer, so another one follows. */
{
  const field = (self.certifyField ??= {});
  const { store } = field;
  const TAG = "certify-field";
  const BLOCKING = new Set(["conflict", "refused"]);

  async function add(kind, subject, payload, photo) {
    const person = await store.person();
    const data = await store.data(person);
    const all = await store.operations(person);
    const operation = {
      id: crypto.randomUUID(), person, kind, subject, payload, state: "waiting", attempted: false,
      enrolment: data?.enrolment ?? null, made_at: new Date().toISOString(),
      order: Math.max(Date.now(), (all.at(-1)?.order ?? 0) + 1),
    };
    await store.put(operation, photo);
    remember();
    return operation;
  }

  /* Ask to be woken when the network comes back, even if nobody opens the page. Not every browser can. */
  async function remember() {
    try {
      navigator.storage?.persist?.();
      const registration = await navigator.serviceWorker?.getRegistration();
      await registration?.sync?.register(TAG);
    } catch { /* The page sends by itself when it is opened. */ }
  }

  const ofSubject = async (kind, subject) =>
    (await store.operations(await store.person())).filter((one) => one.kind === kind && one.subject === subject);

  /* Keep what an entry or a sheet says now. `base` is what the device knew of the server when it was first opened. */
  async function keep(kind, subject, payload, base) {
    const last = (await ofSubject(kind, subject)).at(-1);
    if (last && last.state === "waiting" && !last.attempted) {
      await store.change(last.id, (one) => one.attempted ? null : { ...one, payload: { ...one.payload, ...payload }, made_at: new Date().toISOString() });
      if (!(await store.operation(last.id))?.attempted) return last.id;
    }
    if (last && JSON.stringify({ ...last.payload, ...payload }) === JSON.stringify(last.payload)) return last.id;
    // What the server refused had no effect: the corrected text takes its place, under another identifier.
    const made = await add(kind, subject, { ...base, ...(last?.payload ?? {}), ...payload });
    if (last?.state === "refused") await store.drop(last.id);
    return made.id;
  }

  /* Everything that goes with an operation: an entry never sent takes its photos along. */
  async function together(operation) {
    if (operation.kind !== "entry") return [operation];
    const all = await store.operations(operation.person);
    const isFirst = (operation.payload.revision ?? 0) === 0;
    return all.filter((one) => one.id === operation.id || (isFirst && one.subject === operation.subject));
  }

  async function discard(operation) {
    await store.drop(...(await together(operation)).map((one) => one.id));
  }

  /* A refused operation is tried again under another identifier. */
  async function again(operation) {
    const photo = operation.kind === "photo" ? await store.photo(operation.id) : undefined;
    await store.put({ ...operation, id: crypto.randomUUID(), state: "waiting", attempted: false, message: "" }, photo);
    await store.drop(operation.id);
    remember();
  }

  /* The text of the device becomes an entry of its own. */
  async function asNewEntry(operation) {
    await add("entry", crypto.randomUUID(), { ...operation.payload, revision: 0 });
    await store.drop(operation.id);
  }

  async function choose(conflict, choice, kept = []) {
    await add("resolution", conflict.id, { choice, kept, seen: conflict.answer.revision });
  }

  /* Things, as a person counts them: an entry with its photos is one, a sheet is one. */
  function count(operations) {
    return new Set(operations.filter((one) => one.kind !== "resolution").map((one) => one.subject)).size;
  }

  field.outbox = { add, keep, discard, together, again, asNewEntry, choose, count, ofSubject, BLOCKING, TAG };
}
