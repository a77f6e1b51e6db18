/* Tells a platform that its registration of certify is over, so that it closes this window or frame
   (LTI dynamic registration 1.0 section 3.7). Each origin is one by which the platform is known: only its own page hears. */
const told = window.opener ?? window.parent;
const origins = (document.querySelector("[data-close-for]")?.dataset.closeFor ?? "").split(" ").filter(Boolean);
const close = () => {
  if (told === window) return;
  for (const origin of origins) told.postMessage({ subject: "org.imsglobal.lti.close" }, origin);
};
const button = document.querySelector("[data-close-now]");
if (button && told !== window) {
  button.hidden = false;
  button.addEventListener("click", close);
}
close();
