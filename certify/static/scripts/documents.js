/* The preview of a document follows what is written, wherever a PDF can be shown inside the page. */
const form = document.querySelector("#document");
const ask = document.querySelector("[data-preview]");
const PAUSE = 700;
let waiting = 0;

function canBeSeen() {
  return navigator.pdfViewerEnabled && ask.offsetParent !== null;
}

function follow() {
  if (!canBeSeen()) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(ask), PAUSE);
}

/* Looking at the preview sends the form elsewhere: the page stays, and may send it again at once. */
window.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== form || !button?.formTarget) return;
  setTimeout(() => {
    delete form.dataset.sent;
    button.removeAttribute("aria-busy");
  });
});

if (form && ask && canBeSeen()) {
  document.querySelector("[data-preview-live]").hidden = false;
  form.addEventListener("input", follow);
  document.querySelector("#case").addEventListener("input", follow);
  form.requestSubmit(ask);
}
