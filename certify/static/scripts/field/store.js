/* What this device keeps for the field, in IndexedDB, each thing tied to a person and shown to them alone.
   Shared by the page of the field, the banner of every other page, and the worker behind them: a block, so that nothing
   is declared twice, and one object to share, since an import could not know the address of another script. */
{
  const field = (self.certifyField ??= {});
  const NAME = "certify-field";
  const changes = new BroadcastChannel(NAME);
  const listeners = new Set();
  let opening = null;

  function open() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        const made = request.result;
        made.createObjectStore("meta");
        made.createObjectStore("data");
        made.createObjectStore("photos");
        made.createObjectStore("operations", { keyPath: "id" }).createIndex("person", "person");
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => { request.result.close(); opening = null; };
        request.result.onclose = () => { opening = null; };
        resolve(request.result);
      };
      request.onerror = () => { opening = null; reject(request.error); };
    });
    return opening;
  }

  /* Do some work in one transaction; what is written is on the disk when this resolves. */
  async function transact(names, mode, work) {
    const base = await open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
      const request = work((name) => transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
  const read = (name, key) => transact([name], "readonly", (store) => store(name).get(key));
  const write = (name, key, value) => transact([name], "readwrite", (store) => store(name).put(value, key));

  /* Read one operation, change it, write it back, in one transaction; `change` returns nothing to leave it alone. */
  async function change(id, alter) {
    await transact(["operations"], "readwrite", (store) => {
      const request = store("operations").get(id);
      request.onsuccess = () => {
        const changed = request.result && alter(request.result);
        if (changed) store("operations").put(changed);
      };
    });
    tell();
  }

  async function operations(person) {
    const found = await transact(["operations"], "readonly", (store) => store("operations").index("person").getAll(person));
    return found.sort((one, other) => one.order - other.order);
  }

  async function put(operation, photo) {
    await transact(["operations", "photos"], "readwrite", (store) => {
      store("operations").put(operation);
      if (photo) store("photos").put(photo, operation.id);
    });
    tell();
  }

  async function drop(...ids) {
    await transact(["operations", "photos"], "readwrite", (store) => {
      for (const id of ids) { store("operations").delete(id); store("photos").delete(id); }
    });
    tell();
  }

  /* Everybody who shows what waits looks again: this window, the others, the worker. */
  function tell() {
    changes.postMessage("changed");
    for (const listener of listeners) listener();
  }
  changes.onmessage = () => { for (const listener of listeners) listener(); };

  /* Somebody who signs out on this device is shown nothing more of what it keeps. What waits stays, for them alone; what
     the server can give again does not. */
  async function leave() {
    const person = await read("meta", "person");
    await transact(["meta", "data"], "readwrite", (store) => {
      store("meta").put(null, "person");
      if (person) store("data").delete(person);
    });
  }

  /* The page on which they did may have gone before it was written. */
  field.forgetWhoLeft = async () => {
    if (localStorage.getItem("certify:field:left") === null) return;
    await leave();
    localStorage.removeItem("certify:field:left");
  };

  field.store = {
    change, operations, put, drop, tell, leave,
    operation: (id) => read("operations", id),
    photo: (id) => read("photos", id),
    data: (person) => read("data", person),
    keepData: (person, data) => write("data", person, data),
    person: () => read("meta", "person"),
    bePersonOnce: async (person) => { if ((await read("meta", "person")) !== person) await write("meta", "person", person); },
    onChange: (listener) => listeners.add(listener),
  };
}
