// Platform storage (LTI client-side postMessage): keeps a value in the platform while it is asked who we are, and reads
// it back. Asked of one frame, at one origin; without an answer nobody is let in.
const WAIT = 3000;

function ask(frame, origin, message) {
  const place = (window.opener || window.parent);
  const target = frame === "_parent" ? place : (place.frames[frame] || place);
  const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), WAIT);
    window.addEventListener("message", function heard(event) {
      const answer = event.data;
      if (typeof answer !== "object" || answer === null || answer.message_id !== id) return;
      if (origin !== "*" && event.origin !== origin) return;
      if (answer.subject !== `${message.subject}.response`) return;
      clearTimeout(timer);
      window.removeEventListener("message", heard);
      if (answer.error) reject(new Error(String(answer.error.code)));
      else resolve(answer.value);
    });
    target.postMessage({ ...message, message_id: id }, origin);
  });
}

const store = document.querySelector("[data-lti-store]");
if (store) {
  const { frame, origin, key, value } = store.dataset;
  // Without an answer the cookie may still do.
  ask(frame, origin, { subject: "lti.put_data", key, value }).catch(() => {}).then(() => location.replace(store.href));
}

const form = document.querySelector("[data-lti-stored]");
if (form) {
  const { frame, origin, key } = form.dataset;
  ask(frame, origin, { subject: "lti.get_data", key }).then((value) => {
    form.elements.binder.value = value || "";
    form.submit();
  }).catch(() => { form.querySelector("[data-lti-failed]").hidden = false; });
}
