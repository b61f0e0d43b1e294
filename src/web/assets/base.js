// What every page gains from a script, and works without: the scan field under "/", a way to put a
// message aside, confirmations that close, and a guard against the impatient second click.

const editable = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable]");

// "/" goes to the scan field. On AZERTY it is Shift + ":", and `key` says "/" there too.
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !editable(event.target)) {
    const field = document.querySelector("[data-station-field]") || document.querySelector("[data-scan-field]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") closePanels(null, true);
});

// What only a script can do is hidden until there is one.
for (const node of document.querySelectorAll("[data-needs-script]")) node.hidden = false;
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

// A message stays until it is read: the reader puts it aside.
for (const note of document.querySelectorAll("[data-flash]")) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.textContent = note.dataset.flash || "Fermer";
  close.addEventListener("click", () => {
    note.remove();
    const main = document.querySelector("main");
    if (main) main.focus({ preventScroll: true });
  });
  note.append(close);
}

// The summary of errors is where a reader has to start again.
const summary = document.querySelector("[data-errors]");
if (summary) {
  summary.focus();
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      const target = field.matches("input, select, textarea") ? field : field.querySelector("input:not([type=hidden]), select, textarea") || field;
      target.focus();
      target.closest(".field")?.scrollIntoView({ block: "center" });
    });
  }
}

// Menus and confirmations are <details>: one open at a time, Escape closes and gives the focus back.
function closePanels(except, refocus) {
  for (const panel of document.querySelectorAll("details.confirm[open], details.menu[open], details.more[open]")) {
    if (panel === except || (except && panel.contains(except))) continue;
    const inside = panel.contains(document.activeElement);
    panel.open = false;
    if (refocus && inside) panel.querySelector("summary")?.focus();
  }
}
document.addEventListener("click", (event) => closePanels(event.target.closest("details"), false));

// The second submit of the same form within eight seconds is a double click; after that it is a retry and
// goes through (the server knows the form's own id, so even a real double counts once). A button is never
// disabled: that would drop its name and value from what is sent.
const GUARD_MS = 8000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.dataset.unguarded !== undefined) return;
  const last = Number(form.dataset.sentAt || 0);
  if (last && Date.now() - last < GUARD_MS) {
    event.preventDefault();
    return;
  }
  form.dataset.sentAt = String(Date.now());
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), GUARD_MS);
});
function release(form) {
  delete form.dataset.sentAt;
  for (const button of form.querySelectorAll("[aria-disabled=true]")) button.removeAttribute("aria-disabled");
}
// Coming back by the browser's own button shows the page as it was left: unlock it.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent-at]").forEach(release));

// A page that is there to be printed (labels and receipt after the counter) says so.
if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print(), { once: true });
