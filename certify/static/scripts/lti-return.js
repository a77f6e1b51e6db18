// Takes the answer of deep linking to the platform by itself; the button does the same without this script.
const form = document.querySelector("[data-lti-return]");
const [arrival] = performance.getEntriesByType("navigation");
// The answer is good for one use: who comes back to this page decides by hand.
if (form && arrival?.type !== "back_forward") form.requestSubmit();
