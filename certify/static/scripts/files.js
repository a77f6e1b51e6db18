/* Files are looked at before they travel: <input type="file" data-max-bytes="…" data-max-files="…">.
   The list under the field shows what will be sent; a file too heavy is named at once, with the limit. */
const { say, weigh } = window.certify;

function listOf(input) {
  return document.querySelector(`[data-file-list="${CSS.escape(input.id)}"]`);
}

function faultOf(input, file) {
  const limit = Number(input.dataset.maxBytes);
  return limit && file.size > limit ? say("tooBig", { name: file.name, size: weigh(file.size), limit: weigh(limit) }) : "";
}

function row(input, file) {
  const fault = faultOf(input, file);
  const item = document.createElement("li");
  if (file.type.startsWith("image/") && !fault) {
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
    item.append(picture);
  }
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = fault || file.name;
  item.append(name);
  if (fault) item.className = "is-refused";
  else {
    const size = document.createElement("small");
    size.className = "muted nowrap";
    size.textContent = weigh(file.size);
    item.append(size);
  }
  return item;
}

function check(input) {
  const files = [...input.files];
  const most = Number(input.dataset.maxFiles);
  const faults = files.map((file) => faultOf(input, file)).filter(Boolean);
  const list = listOf(input);
  if (list) {
    list.replaceChildren(...files.map((file) => row(input, file)));
    list.hidden = !files.length;
  }
  if (most && files.length > most) {
    faults.push(say("tooMany", { count: most }));
    const item = document.createElement("li");
    item.className = "is-refused";
    item.textContent = faults.at(-1);
    list?.append(item);
  }
  input.setCustomValidity(faults[0] ?? "");
  input.toggleAttribute("aria-invalid", faults.length > 0);
  if (faults.length) input.setAttribute("aria-invalid", "true");
  return faults.length === 0;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file]")) check(event.target);
});
document.addEventListener("submit", (event) => {
  const refused = [...event.target.querySelectorAll("input[type=file]")].find((input) => !check(input));
  if (!refused) return;
  event.preventDefault();
  refused.focus();
});
