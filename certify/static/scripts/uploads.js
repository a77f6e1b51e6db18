/* Big files travel piece by piece (tus), so that a cut network costs one piece at most.
   form[data-upload="address"]  its file goes this way when it is heavy; data-upload-item names the piece it belongs to.
   Paused, reloaded or cut, an upload goes on from where it was: the same file is recognised when it is chosen again. */
const { weigh } = window.certify;
const HEAVY = 4 * 1024 * 1024;
const PIECE = 5 * 1024 * 1024;
const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 30000];
const ASK_EVERY = 1000;

class Sending {
  constructor(form, input, submitter) {
    this.form = form;
    this.input = input;
    this.submitter = submitter;
    this.box = form.querySelector("[data-upload-progress]");
    this.bar = this.box.querySelector("[data-upload-bar]");
    this.status = this.box.querySelector("[data-upload-status]");
    this.pauseButton = this.box.querySelector("[data-upload-pause]");
    this.resumeButton = this.box.querySelector("[data-upload-resume]");
    this.stopButton = this.box.querySelector("[data-upload-stop]");
    this.file = input.files[0];
    this.sent = 0;
    this.isOver = false;
  }

  async begin() {
    this.box.hidden = false;
    this.box.classList.remove("is-refused");
    this.box.querySelector("[data-upload-name]").textContent = this.file.name;
    for (const button of this.form.querySelectorAll(".form-actions button")) button.disabled = true;
    this.pauseButton.onclick = () => this.pause();
    this.resumeButton.onclick = () => this.resume();
    this.stopButton.onclick = () => this.stop();
    this.upload = new window.tus.Upload(this.file, {
      endpoint: this.form.dataset.upload,
      chunkSize: PIECE,
      retryDelays: DELAYS,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": this.form.elements.csrf_token.value, Accept: "application/json" },
      metadata: { filename: this.file.name, title: this.form.elements.title?.value ?? "", item: this.form.dataset.uploadItem ?? "" },
      onProgress: (sent) => this.show(sent),
      onShouldRetry: (error) => this.mayRetry(error),
      onError: (error) => this.fail(error),
      onSuccess: () => this.check(),
    });
    this.hears = new AbortController();
    window.addEventListener("offline", () => this.lose(), { signal: this.hears.signal });
    window.addEventListener("online", () => { if (!this.isPaused) this.restart(); }, { signal: this.hears.signal });
    const [former] = await this.upload.findPreviousUploads();
    if (former) this.upload.resumeFromPreviousUpload(former);
    this.show(0);
    this.upload.start();
  }

  tell(key) {
    this.status.textContent = (this.box.dataset[key] ?? key).replace("{done}", weigh(this.sent)).replace("{total}", weigh(this.file.size));
  }

  show(sent) {
    /* Each try begins by saying where it stands: that alone does not mean that the network is back. */
    if (this.isCut && sent <= this.sent) return;
    this.isCut = false;
    const isResumed = !this.sent && sent > PIECE;
    this.sent = sent;
    this.bar.value = Math.floor((sent * 100) / this.file.size);
    this.tell(isResumed ? "resumed" : "sending");
  }

  mayRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    if (!navigator.onLine || !status) this.lose();
    return !status || status === 409 || status === 423 || status >= 500;
  }

  lose() {
    this.isCut = true;
    this.tell("cut");
  }

  async pause() {
    this.isPaused = true;
    await this.upload.abort();
    this.pauseButton.hidden = true;
    this.resumeButton.hidden = false;
    this.resumeButton.focus();
    this.tell("paused");
  }

  resume() {
    this.isPaused = false;
    this.resumeButton.hidden = true;
    this.pauseButton.hidden = false;
    this.pauseButton.focus();
    this.isCut = false;
    this.tell("sending");
    this.upload.start();
  }

  async restart() {
    if (this.isOver) return;
    await this.upload.abort();
    this.upload.start();
  }

  async stop() {
    try { await this.upload.abort(true); } catch { /* The server gives it up by itself in a few days. */ }
    this.over();
    this.box.hidden = true;
    this.input.focus();
  }

  fail(error) {
    const answer = error.originalResponse;
    let message = "";
    try { message = JSON.parse(answer.getBody()).message; } catch { /* Not one of ours: the words below will do. */ }
    this.refuse(answer?.getStatus() === 401 ? this.box.dataset.signedOut : message || this.box.dataset.refused);
  }

  refuse(message) {
    this.over();
    this.box.classList.add("is-refused");
    this.pauseButton.hidden = true;
    this.stopButton.hidden = true;
    this.status.textContent = message;
  }

  over() {
    this.isOver = true;
    this.hears.abort();
    this.pauseButton.hidden = false;
    this.stopButton.hidden = false;
    this.resumeButton.hidden = true;
    for (const button of this.form.querySelectorAll(".form-actions button")) button.disabled = false;
  }

  /* Every byte is there: a job looks at the whole, which takes a moment. */
  async check() {
    this.sent = this.file.size;
    this.bar.value = 100;
    this.pauseButton.hidden = true;
    this.stopButton.hidden = true;
    this.tell("checking");
    for (;;) {
      const answer = await fetch(this.upload.url, { headers: { Accept: "application/json" } }).then((one) => one.json(), () => ({}));
      if (answer.state === "refused") return this.refuse(answer.message);
      if (answer.state === "done") return this.leave(answer.url);
      await new Promise((after) => setTimeout(after, ASK_EVERY));
    }
  }

  /* What was typed beside the file is sent as usual, without it. */
  leave(url) {
    this.over();
    if (!this.form.dataset.uploadItem) { location.assign(url); return; }
    this.input.value = "";
    this.form.requestSubmit(this.submitter);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const input = form.dataset.upload && form.querySelector("input[type=file]");
  if (!input || event.defaultPrevented || !window.tus?.isSupported) return;
  if ((input.files[0]?.size ?? 0) <= HEAVY) return;
  event.preventDefault();
  new Sending(form, input, event.submitter).begin();
});
