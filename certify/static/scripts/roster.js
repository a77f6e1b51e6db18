/* Attendance on a phone: <form data-roster>. « Tous présents » ticks everybody nobody was noted about, without leaving the page;
   the count says who is left. Without a script, the link opens the page with everybody ticked. */
const form = document.querySelector("[data-roster]");

function rows() {
  return [...form.querySelectorAll(".attend-row")];
}

function tell() {
  const place = form.querySelector("[data-roster-count]");
  const done = rows().filter((row) => row.querySelector("input[type=radio]:checked")).length;
  place.textContent = place.dataset.words.replace("{done}", done).replace("{total}", rows().length);
}

function tickEverybody(event) {
  event.preventDefault();
  for (const row of rows()) {
    if (!row.querySelector("input[type=radio]:checked")) row.querySelector("input[value=present]").checked = true;
  }
  tell();
}

function follow(event) {
  const row = event.target.closest(".attend-row");
  // The other parent came: so did somebody of this family.
  if (row && event.target.type === "checkbox" && event.target.checked) row.querySelector("input[value=present]").checked = true;
  if (row && event.target.type === "radio" && event.target.value !== "present") row.querySelector("input[type=checkbox]").checked = false;
  tell();
}

if (form) {
  form.querySelector("[data-everybody]").addEventListener("click", tickEverybody);
  form.addEventListener("change", follow);
  tell();
}
