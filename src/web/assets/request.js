// The decision beside the form, while it is filled: the form goes to the preview endpoint, which decides
// as the filing will and answers the same block of HTML. Nothing is kept there. Without a script the
// answer comes when the request is filed.

const form = document.querySelector("form[data-preview]");
const answer = document.querySelector("[data-decision]");
if (form && answer) start();

function start() {
  const pause = 450;
  let timer = 0;
  let flight = null;
  let last = "";

  async function ask() {
    // What is typed leaves by POST only: people's data have no place in a URL.
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    const text = body.toString();
    if (text === last) return;
    last = text;
    flight?.abort();
    flight = new AbortController();
    answer.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(form.dataset.preview, {
        method: "POST",
        credentials: "same-origin",
        headers: { "x-csrf": body.get("csrf") || "", accept: "text/html" },
        body,
        signal: flight.signal,
      });
      // A form half filled is no error yet; the server says what it still needs in the same block.
      if (reply.ok || reply.status === 422) {
        const html = new DOMParser().parseFromString(await reply.text(), "text/html");
        const block = html.querySelector("[data-decision]") || html.body;
        if (block.textContent.trim() !== answer.textContent.trim()) answer.replaceChildren(...block.childNodes);
      }
      answer.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name === "AbortError") return;
      last = "";
      answer.removeAttribute("aria-busy");
    }
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  later();

  // Rows of people: "Ajouter une personne" without a round trip. The last row is the model for the next.
  const people = form.querySelector("[data-people]");
  const more = form.querySelector("[data-people-add]");
  if (!people || !more) return;
  const model = people.lastElementChild.cloneNode(true);
  more.addEventListener("click", (event) => {
    event.preventDefault();
    const n = people.children.length;
    const row = model.cloneNode(true);
    for (const node of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = node.getAttribute(attribute);
        if (value) node.setAttribute(attribute, value.replace(/\d+/, String(n)));
      }
      if (node.matches("input:not([type=radio]):not([type=checkbox]), textarea")) node.value = "";
    }
    for (const legend of row.querySelectorAll("[data-person-number]")) legend.textContent = String(n + 1);
    people.append(row);
    row.querySelector("input, select")?.focus();
  });
}
