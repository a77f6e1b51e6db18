/* Photos of an entry, kept here until they are sent. */
{
  const field = (self.certifyField ??= {});
  const { el, say, button, icon, notice, weigh } = field.dom;
  const addresses = new Set();

  function forgetPictures() {
    for (const address of addresses) URL.revokeObjectURL(address);
    addresses.clear();
  }

  async function row(operation, isLocked) {
    const blob = await field.store.photo(operation.id);
    const address = blob ? URL.createObjectURL(blob) : "";
    if (address) addresses.add(address);
    const label = operation.payload.title || operation.payload.filename;
    return el("li", { class: operation.state === "refused" ? "is-refused" : undefined },
      address ? el("img", { src: address, alt: "" }) : icon("image"),
      el("span", { class: "name" }, field.dom.typed(label), el("br"), el("small", { class: "muted" }, operation.message || say(`state-${operation.state}`))),
      isLocked ? null : button("btn-quiet", el("span", { class: "visually-hidden" }, say("removePhoto", { name: label })), () => field.outbox.discard(operation), "trash"));
  }

  /* Return the part of the page where photos are taken, chosen and taken off again. */
  field.photosOf = (entryId, sentFiles, ready) => {
    const list = el("ul", { class: "file-list" });
    const trouble = el("p", { class: "field-error", role: "alert", hidden: true });
    const input = el("input", { type: "file", id: "photos", class: "form-control", accept: "image/*", multiple: true, "aria-describedby": "photos-hint" });

    const show = async () => {
      const mine = (await field.outbox.ofSubject("photo", entryId));
      forgetPictures();
      const sent = sentFiles.map((name) => el("li", {}, icon("image"), el("span", { class: "name" }, field.dom.typed(name), el("br"), el("small", { class: "muted" }, say("alreadySent")))));
      list.replaceChildren(...sent, ...(await Promise.all(mine.map((one) => row(one, one.state === "sending")))));
    };
    const tooBig = (file) => file.size > field.largestPhoto;

    input.addEventListener("change", async () => {
      const files = [...input.files];
      const heavy = files.filter(tooBig);
      trouble.hidden = !heavy.length;
      trouble.replaceChildren(icon("exclamation-circle"), el("span", {}, heavy.map((file) => say("tooBig", { name: file.name, size: weigh(file.size), limit: weigh(field.largestPhoto) })).join(" ")));
      try {
        await ready();
        for (const file of files) if (!tooBig(file))
          // The bytes themselves: the file behind them may be gone when the network comes back.
          await field.outbox.add("photo", entryId, { filename: file.name, title: "" }, new Blob([await file.arrayBuffer()], { type: file.type }));
      } catch {
        trouble.hidden = false;
        trouble.replaceChildren(icon("exclamation-circle"), el("span", {}, say("notKept")));
      }
      input.value = "";
      await show();
    });
    field.show = show;
    show();
    return el("section", { "aria-labelledby": "photos-title" },
      el("h2", { id: "photos-title" }, say("photos")),
      notice("neutral", "eye-slash", say("faces")),
      el("div", { class: "field" }, el("label", { for: "photos" }, say("addPhotos")), el("span", { class: "hint", id: "photos-hint" }, say("photosHint", { limit: weigh(field.largestPhoto) })), input, trouble),
      list);
  };
}
