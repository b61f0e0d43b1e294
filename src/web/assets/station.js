// Scanning that loses nothing. A scan is written down here, synchronously, before anything is sent: the field
// is empty again before the next code arrives, and each scan keeps its own fate: queued, done, already, refused.
// The scan_id made here lets the server count a replay once, so sending again is always safe.
// Without a script the same form posts one code at a time.

const page = document.querySelector("[data-station]");
const form = page && page.querySelector("[data-station-form]");
const field = page && page.querySelector("[data-station-field]");
if (form && field) start();

function start() {
  const { endpoint, csrf, author = "", site = "", signIn = "/sign-in" } = page.dataset;
  const result = page.querySelector("[data-station-result]");
  const log = page.querySelector("[data-station-log]");
  const net = page.querySelector("[data-station-net]");
  const words = { done: "Enregistré", already: "Déjà enregistré", refused: "Refusé", queued: "En attente d’envoi", shown: "Affiché" };
  // One entry a key: two tabs can't overwrite each other's queue. Scans wait under their author's name.
  const prefix = `rebond.scan.${author}.`;
  const memory = new Map();
  let keeps = true;
  const save = (scan) => {
    memory.set(scan.scan_id, scan);
    try { localStorage.setItem(prefix + scan.scan_id, JSON.stringify(scan)); } catch { keeps = false; }
  };
  const forget = (scan) => {
    memory.delete(scan.scan_id);
    try { localStorage.removeItem(prefix + scan.scan_id); } catch { keeps = false; }
  };
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (!key.startsWith(prefix)) continue;
      const scan = JSON.parse(localStorage.getItem(key));
      memory.set(scan.scan_id, scan);
      line(scan);
    }
  } catch { keeps = false; }

  let wait = 1000;
  let timer = 0;
  let sending = false;
  show();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    field.focus();
    if (code) capture(code, form.dataset.action || page.dataset.action || null, {});
  });

  // A next step is a scan of the same item with another action.
  page.addEventListener("click", (event) => {
    const step = event.target.closest("[data-station-step]");
    if (!step) return;
    event.preventDefault();
    capture(step.dataset.code, step.value, step.dataset.reason ? { reason: step.dataset.reason } : {});
    field.focus();
  });

  // Gloves click beside the field: a scanner's first character finds it all the same.
  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === " ") return;
    if (!event.target.closest("input, textarea, select, summary, dialog")) field.focus();
  });

  function capture(code, action, data) {
    const scan = { scan_id: crypto.randomUUID(), code, action, site, occurred_at: new Date().toISOString(), data, tries: 0 };
    save(scan);
    line(scan);
    show();
    // Only a scan that must wait is shown as waiting.
    setTimeout(() => { if (memory.has(scan.scan_id) && !page.dataset.stopped) { announce("queued", scan.code); tell("queued"); } }, 400);
    pump();
  }

  async function pump() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    try {
      if (navigator.locks) await navigator.locks.request(prefix, drain);
      else await drain();
    } finally {
      sending = false;
      show();
    }
    if (memory.size && !page.dataset.stopped) {
      timer = setTimeout(pump, wait);
      wait = Math.min(wait * 2, 30000);
    }
  }

  // In the order of scanning: the next builds on the last.
  async function drain() {
    const waiting = [...memory.values()].sort((a, b) => a.occurred_at.localeCompare(b.occurred_at));
    for (const scan of waiting) if (!(await send(scan))) return;
    if (memory.size) await drain();
  }

  async function send(scan) {
    scan.tries += 1;
    save(scan);
    const { tries, ...body } = scan;
    let answer;
    let said = {};
    try {
      answer = await fetch(endpoint, {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json", accept: "application/json", "x-csrf": csrf },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
      });
      said = await answer.json();
    } catch {
      if (!answer || answer.ok) return online(false);
    }
    if (answer.status === 429 || answer.status >= 500) return online(false);
    if (answer.status === 401 || /\/(sign-in|form-token)$/.test(said.type || "")) return stop();
    online(true);
    forget(scan);
    // A replay of what got no answer the first time is our own success, not somebody's earlier scan.
    const fates = { recorded: "done", already_recorded: tries > 1 ? "done" : "already", shown: "shown" };
    const fate = (answer.ok && fates[said.outcome]) || "refused";
    const why = said.word || said.detail || (said.problem && said.problem.detail) || said.title || words[fate];
    line(scan, fate, why, said.device);
    if (said.html && result) replace(said.html);
    else announce(fate, scan.code, why);
    tell(fate);
    tally(fate, (before) => before + 1);
    return true;
  }

  function stop() {
    page.dataset.stopped = "1";
    announce("queued", "", "Votre session a pris fin. Les scans sont gardés ici et partiront à votre retour.");
    const link = document.createElement("a");
    link.className = "button step";
    link.href = signIn;
    link.textContent = "Se connecter";
    if (result) result.append(link);
    return false;
  }

  function online(state) {
    if (net) {
      net.dataset.state = state ? "on" : "off";
      net.textContent = state ? "en ligne" : "hors ligne";
    }
    if (state) wait = 1000;
    return state;
  }

  function tally(name, change) {
    const node = page.querySelector(`[data-count="${name}"]`);
    if (node) node.textContent = String(change(Number(node.textContent)));
  }
  function show() {
    tally("queued", () => memory.size);
    page.toggleAttribute("data-forgetful", !keeps);
  }

  function replace(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-station-result]");
    if (!fresh) return;
    result.className = fresh.className;
    result.replaceChildren(...fresh.childNodes);
  }
  function announce(fate, code, why) {
    if (!result) return;
    result.className = `result is-${fate}`;
    const word = element("p", "word", words[fate]);
    const of = element("div", "of");
    if (code) of.append(element("span", "code big", code.toUpperCase()));
    if (why && why !== words[fate]) of.append(element("p", "", why));
    result.replaceChildren(word, of);
  }
  function line(scan, fate = "queued", why = "", device = null) {
    if (!log) return;
    const at = new Date(scan.occurred_at);
    const item = log.querySelector(`[data-scan="${scan.scan_id}"]`) || document.createElement("li");
    item.dataset.scan = scan.scan_id;
    const time = element("time", "", at.toLocaleTimeString("fr-FR"));
    time.dateTime = scan.occurred_at;
    const code = device && device.code ? `${device.code.slice(0, 4)}-${device.code.slice(4)}` : scan.code.toUpperCase();
    item.replaceChildren(time, element("span", "mono", code), element("span", `fate is-${fate}`, why && why.length < 80 ? why : words[fate]));
    if (!item.parentNode) log.prepend(item);
    while (log.children.length > 60) log.lastElementChild.remove();
  }
  // sound.js listens.
  function tell(fate) {
    document.dispatchEvent(new CustomEvent("rebond:fate", { detail: fate }));
  }
  function element(name, className, text) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  window.addEventListener("online", () => { wait = 1000; pump(); });
  window.addEventListener("beforeunload", (event) => { if (memory.size && !keeps) event.preventDefault(); });
  field.focus();
  if (memory.size) pump();
}
