/* The editor of a framework. Without this script each button sends the form and the page comes back; with it:
   - what is typed is checked after a pause, and its faults shown beside the fields (data-validate);
   - the fields of a completion rule follow the rule chosen;
   - parts are dragged in the outline, and dropped with the same button as the keyboard's. */
const form = document.querySelector("form[data-validate]");

/* Checking */
function show(place, messages) {
  const box = document.getElementById(`${place}-error`);
  if (!box) return;
  box.querySelector("span").textContent = messages.join(" ");
  if (messages.length && !box.querySelector("svg")) box.prepend(document.getElementById("fault-sign").content.cloneNode(true));
  box.hidden = !messages.length;
  const isBlank = Boolean(messages[0]?.startsWith("Le texte est vide"));
  const field = document.querySelector(`[data-field="${CSS.escape(place)}"]`);
  field?.classList.toggle("has-error", messages.length > 0 && !isBlank);
  field?.classList.toggle("is-blank", isBlank);
  const control = document.getElementById(place);
  if (!control?.matches("input, select, textarea")) return;
  if (messages.length) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}
function tell(answer) {
  for (const box of form.querySelectorAll(".field-error[id]")) {
    const place = box.id.slice(0, -"-error".length);
    show(place, answer.fields[place] ?? []);
  }
  for (const mark of document.querySelectorAll("[data-fault-count]")) {
    const count = answer.counts[mark.dataset.faultCount] ?? 0;
    mark.querySelector("[data-number]").textContent = count;
    mark.hidden = !count;
  }
  const wasOpen = form.querySelector("[data-faults] details")?.open;
  form.querySelector("[data-faults]").innerHTML = answer.summary;
  const details = form.querySelector("[data-faults] details");
  if (details && wasOpen !== undefined) details.open = wasOpen;
  const said = form.querySelector("[data-said]");
  if (said.textContent !== answer.said) said.textContent = answer.said;
}
let timer;
let asked = 0;
async function check() {
  const question = ++asked;
  try {
    const response = await fetch(form.dataset.validate, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Requested-With": "autosave", Accept: "application/json" },
    });
    if (response.ok && question === asked) tell(await response.json());
  } catch { /* Offline: the page says so, and the next change asks again. */ }
}
const later = () => { clearTimeout(timer); timer = setTimeout(check, 700); };
form.addEventListener("input", later);
form.addEventListener("change", later);

/* Coming back to the same place */
form.addEventListener("focusin", (event) => {
  if (event.target.id && event.target.matches("input, select, textarea")) form.querySelector("[data-at]").value = event.target.id;
});
const reveal = (target) => {
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
};
const arrive = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target) { reveal(target); target.scrollIntoView({ block: "start" }); }
};
window.addEventListener("hashchange", arrive);
const arrival = document.querySelector("[autofocus]") ?? document.getElementById(document.querySelector("[data-arrival]").dataset.arrival);
if (location.hash) arrive();
else if (arrival) {
  reveal(arrival);
  arrival.focus();
  arrival.scrollIntoView({ block: "center" });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-fault-link]");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  reveal(target);
  const control = target.matches("input, select, textarea") ? target : target.querySelector("input:not([type=hidden]), select, textarea, summary") ?? target;
  control.focus();
  control.scrollIntoView({ block: "center" });
});

/* Completion rules */
function follow(rule) {
  const kind = rule.querySelector("select").value;
  rule.querySelector("[data-rule-least]").hidden = kind === "all";
  for (const weight of form.querySelectorAll(`[data-weight-of="${rule.dataset.rule}"]`)) {
    weight.hidden = kind === "all";
    weight.querySelector("[data-weight-points]").hidden = kind !== "points";
  }
}
form.addEventListener("change", (event) => {
  const rule = event.target.closest("[data-rule]");
  if (rule) follow(rule);
});

/* Dragging */
const outline = document.querySelector("[data-outline]");
const kindOf = (node) => node.dataset.node.replace(/\d+/g, "");
const listOf = (node) => [...node.parentElement.children].filter((one) => one.dataset.node);
const parentOf = (node) => node.parentElement.closest("[data-node]")?.dataset.node ?? "";
const HANDLE = '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="5" cy="3" r="1.5"/><circle cx="11" cy="3" r="1.5"/><circle cx="5" cy="8" r="1.5"/><circle cx="11" cy="8" r="1.5"/><circle cx="5" cy="13" r="1.5"/><circle cx="11" cy="13" r="1.5"/></svg>';
for (const node of outline.querySelectorAll("[data-node]:not(.is-removed)")) {
  const handle = document.createElement("span");
  handle.className = "drag-handle";
  handle.dataset.handle = "";
  handle.innerHTML = HANDLE;
  node.querySelector(".outline-line").prepend(handle);
}
const MARKS = ["is-dropped-before", "is-dropped-after", "is-dropped-in"];
let drag = null;
const clear = () => { for (const node of outline.querySelectorAll(MARKS.map((mark) => `.${mark}`).join())) node.classList.remove(...MARKS); };

/* Where a part would go if it were let go here: beside one of its kind, or into a parent. */
function aim(x, y) {
  const over = document.elementFromPoint(x, y)?.closest("[data-node]");
  if (!over || !outline.contains(over) || over === drag.node || drag.node.contains(over)) return null;
  const kind = kindOf(drag.node);
  let near = over;
  while (near && kindOf(near).length > kind.length) near = near.parentElement.closest("[data-node]");
  if (!near || near === drag.node) return null;
  if (kindOf(near) === kind) {
    const line = near.querySelector(".outline-line").getBoundingClientRect();
    const isAfter = near !== over || y > line.top + line.height / 2;
    const list = listOf(near).filter((one) => one !== drag.node);
    return { node: near, mark: isAfter ? MARKS[1] : MARKS[0], parent: parentOf(near), index: list.indexOf(near) + (isAfter ? 2 : 1) };
  }
  if (kindOf(near).length !== kind.length - 1 || near.dataset.node === parentOf(drag.node)) return null;
  return { node: near, mark: MARKS[2], parent: near.dataset.node, index: 999 };
}
outline.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button) return;
  event.preventDefault();
  drag = { node: handle.closest("[data-node]"), goal: null };
  drag.node.classList.add("is-dragged");
  handle.setPointerCapture(event.pointerId);
});
outline.addEventListener("pointermove", (event) => {
  if (!drag) return;
  clear();
  const frame = outline.closest(".editor-aside");
  const { top, bottom } = frame.getBoundingClientRect();
  if (event.clientY < top + 40) frame.scrollTop -= 12;
  else if (event.clientY > bottom - 40) frame.scrollTop += 12;
  drag.goal = aim(event.clientX, event.clientY);
  drag.goal?.node.classList.add(drag.goal.mark);
});
function drop(goal) {
  const button = document.createElement("button");
  button.type = "submit";
  button.name = "do";
  button.value = `move:${drag.node.dataset.node}>${goal.parent}:${goal.index}`;
  button.hidden = true;
  form.append(button);
  form.requestSubmit(button);
}
outline.addEventListener("pointerup", () => {
  if (!drag) return;
  clear();
  drag.node.classList.remove("is-dragged");
  if (drag.goal) drop(drag.goal);
  drag = null;
});
for (const end of ["pointercancel", "lostpointercapture"]) {
  outline.addEventListener(end, () => {
    if (!drag) return;
    clear();
    drag.node.classList.remove("is-dragged");
    drag = null;
  });
}
