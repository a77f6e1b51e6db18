/* The assessment grid: ↑ ↓ from one indicator to the next, digits choose a level (0: not observed), the count follows.
   ← → keep the browser's own meaning inside an indicator, so that nothing is out of reach of the keyboard. */
const { say } = window.certify;
const indicators = [...document.querySelectorAll("[data-grid] [data-indicator]")];

function choicesOf(indicator) {
  return [...indicator.querySelectorAll("input[type=radio]")];
}

function enter(indicator) {
  const choices = choicesOf(indicator);
  (choices.find((choice) => choice.checked) ?? choices[0])?.focus();
  indicator.scrollIntoView({ block: "nearest" });
}

function choose(indicator, digit) {
  const choices = choicesOf(indicator);
  const none = choices.find((choice) => choice.value === "none");
  const wanted = digit === 0 ? none : choices.filter((choice) => choice !== none)[digit - 1];
  if (!wanted) return;
  wanted.checked = true;
  wanted.focus();
  wanted.dispatchEvent(new Event("input", { bubbles: true }));
  wanted.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  const indicator = event.target.closest?.("[data-indicator]");
  if (!indicator || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = indicators[indicators.indexOf(indicator) + step];
    event.preventDefault();
    if (next) enter(next);
  } else if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    choose(indicator, Number(event.key));
  }
});

function tally() {
  const done = indicators.filter((indicator) => indicator.querySelector("input[type=radio]:checked")).length;
  for (const progress of document.querySelectorAll("[data-grid-progress]")) {
    const total = Number(progress.dataset.total);
    progress.querySelector("[data-grid-count]").textContent = say("progress", { done, total });
    progress.querySelector("progress").value = done;
  }
}

document.addEventListener("change", (event) => {
  const indicator = event.target.closest?.("[data-indicator]");
  if (!indicator || event.target.type !== "radio") return;
  const descriptor = indicator.querySelector("[data-descriptor-here]");
  if (descriptor) descriptor.textContent = event.target.dataset.descriptor ?? "";
  tally();
});
if (indicators.length) tally();
