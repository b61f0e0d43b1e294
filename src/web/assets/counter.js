// The counter, made for speed: 1–7 choose the kind and go to the make, Enter adds the device to the list,
// F9 or Ctrl + Enter registers what is there and goes to the labels.
// Without a script "Ajouter" posts the page and the server fills the list; the names of the fields are the same:
// draft[kind], draft[make]… for the one being typed, devices[0][kind]… for those in the list.

const form = document.querySelector("form[data-counter]");
if (form) start();

function start() {
  const list = form.querySelector("[data-counter-list]");
  const row = form.querySelector("template[data-counter-row]");
  const none = form.querySelector("[data-counter-none]");
  const total = form.querySelector("[data-counter-total]");
  const register = form.querySelector("[data-counter-register]");
  const add = form.querySelector("[data-counter-add]");
  const draft = form.querySelector("[data-counter-draft]");
  const said = form.querySelector("[data-counter-said]");
  const kinds = [...form.querySelectorAll('input[type="radio"][name="draft[kind]"]')];
  // Typed afresh for each device; kind and make stay, a pile is mostly the same.
  const cleared = ["serial", "asset_tag", "code"];
  const field = (name) => form.querySelector(`[name="draft[${name}]"]:not([type="radio"])`);
  const typed = () => ["make", "model", "serial", "asset_tag"].some((name) => field(name)?.value.trim());
  let next = 1 + [...form.querySelectorAll('[name^="devices["]')].reduce((most, input) => Math.max(most, Number(input.name.slice(8).split("]")[0])), -1);
  // After "Ajouter" make and model stay for the next of the pile: they are a device only once something changes.
  let fresh = Boolean(typed());
  draft.addEventListener("input", () => { fresh = true; });

  document.addEventListener("keydown", (event) => {
    if (event.key === "F9" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      finish();
      return;
    }
    const inText = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (inText || event.ctrlKey || event.metaKey || event.altKey) return;
    // The digit row of an AZERTY keyboard gives & é " ' ( - è without Shift: the key's place decides.
    const digit = /^[1-9]$/.test(event.key) ? event.key : (/^Digit([1-9])$/.exec(event.code) || [])[1];
    const kind = digit && kinds[Number(digit) - 1];
    if (!kind) return;
    event.preventDefault();
    kind.checked = true;
    fresh = true;
    kind.dispatchEvent(new Event("change", { bubbles: true }));
    const make = field("make");
    make.focus();
    make.select();
  });

  // Enter in a field of the device adds it; a scanner ends a serial with Enter, so one scan adds one device.
  draft.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.matches("button, textarea, summary")) return;
    event.preventDefault();
    addDevice();
  });
  add?.addEventListener("click", (event) => {
    event.preventDefault();
    addDevice();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-counter-remove]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li");
    say(`Retiré de la liste : ${item.querySelector("strong").textContent}.`);
    item.remove();
    count();
    field("make").focus();
  });

  function addDevice() {
    const kind = kinds.find((input) => input.checked);
    if (!kind || !typed()) {
      say(kind ? "Il manque la marque, le modèle ou le numéro de série." : "Choisissez d’abord le type, touches 1 à 7.");
      (kind ? field("make") : kinds[0]).focus();
      return false;
    }
    const item = row.content.firstElementChild.cloneNode(true);
    for (const input of draft.querySelectorAll('[name^="draft["]')) {
      if ((input.type === "radio" || input.type === "checkbox") && !input.checked) continue;
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = input.name.replace("draft", `devices[${next}]`);
      hidden.value = input.value.trim();
      if (hidden.value) item.append(hidden);
    }
    next += 1;
    const text = (slot, value) => { const node = item.querySelector(`[data-slot="${slot}"]`); if (node) node.textContent = value; };
    text("name", [field("make").value, field("model").value].map((part) => part.trim()).filter(Boolean).join(" ") || kind.dataset.word);
    text("detail", [kind.dataset.word, field("serial")?.value.trim() ? `n° ${field("serial").value.trim()}` : "sans numéro de série"].join(" · "));
    list.append(item);
    for (const name of cleared) if (field(name)) field(name).value = "";
    fresh = false;
    count();
    say(`Ajouté : ${item.querySelector("strong").textContent}. ${list.children.length} dans la liste.`);
    (field("serial") || field("make")).focus();
    return true;
  }

  function finish() {
    if (fresh && typed() && !addDevice()) return;
    if (!list.children.length) {
      say("La liste est vide : ajoutez un équipement, puis F9.");
      return;
    }
    // The fields of the device being typed don't go with it: each is in the list, or it isn't given.
    form.requestSubmit(register);
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter !== register) return;
    if (fresh && typed()) addDevice();
    for (const input of draft.querySelectorAll('[name^="draft["]')) input.disabled = true;
    setTimeout(() => { for (const input of draft.querySelectorAll('[name^="draft["]')) input.disabled = false; }, 2000);
  });

  function count() {
    const size = list.children.length;
    if (none) none.hidden = size > 0;
    if (total) total.textContent = String(size);
  }
  function say(sentence) { if (said) said.textContent = sentence; }

  // Make and model complete from what was given before.
  const asked = new Map();
  for (const name of ["make", "model"]) {
    const input = field(name);
    const options = input && document.getElementById(input.getAttribute("list"));
    if (!options || !form.dataset.suggest) continue;
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => suggest(name, input.value, options), 120);
    });
    if (name === "model") input.addEventListener("focus", () => suggest(name, input.value, options));
  }
  async function suggest(name, q, options) {
    const kind = kinds.find((input) => input.checked)?.value || "";
    const query = new URLSearchParams({ field: name, q, kind, make: name === "model" ? field("make").value : "" });
    const url = `${form.dataset.suggest}?${query}`;
    try {
      if (!asked.has(url)) {
        const answer = await fetch(url, { headers: { accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) return;
        asked.set(url, (await answer.json()).items || []);
      }
      options.replaceChildren(...asked.get(url).map((value) => Object.assign(document.createElement("option"), { value })));
    } catch { /* typing goes on without suggestions */ }
  }

  count();
  if (!form.querySelector("[data-errors]")) (kinds.find((input) => input.checked) || kinds[0])?.focus();
}
