// The counter, counted: one laptop from the empty page to its printed label.
//
// A budget, not a wish: at most 8 keystrokes beside the texts themselves, and one page load after the counter's own.

/** Most keys beside the letters of make, model and serial number. */
export const MOST_KEYS = 8;

/**
 * Gives one laptop at the counter and opens its labels, by the keyboard alone.
 *
 * `page` is a Playwright page, `base` the address of the instance, `signIn(page, role)` signs somebody in.
 * Answers what was counted: `{ keys, loads, reference, code, labels }`, labels being the bytes of the PDF.
 */
export async function counter({ page, base, signIn }) {
  await signIn(page, "collection_agent");
  await page.goto(`${base}/counter`);
  await page.waitForLoadState("load");

  let keys = 0;
  let loads = 0;
  page.on("load", () => { loads += 1; });
  const press = async (key) => { keys += 1; await page.keyboard.press(key); };
  const type = (text) => page.keyboard.type(text);

  await press("1");
  await type("Lenovo");
  await press("Tab");
  await type("ThinkPad T440");
  await press("Tab");
  await type("PF0QMY5N");
  await Promise.all([page.waitForURL(/\/donations\/D-\d{4}-\d{6}/), press("F9")]);
  await page.waitForLoadState("load");

  // The focus is on the button that prints; Enter opens the sheet in a page of its own.
  const opened = page.context().waitForEvent("request", (request) => request.url().includes("/labels.pdf"));
  await press("Enter");
  const address = (await opened).url();
  const answer = await page.request.get(address);
  const labels = await answer.body();
  if (!answer.ok() || labels.subarray(0, 5).toString() !== "%PDF-") throw new Error(`no labels at ${address}`);

  const reference = new URL(page.url()).pathname.split("/").pop();
  const code = (await page.locator("table a.code").first().textContent()).trim();
  if (keys > MOST_KEYS) throw new Error(`${keys} keys, at most ${MOST_KEYS}`);
  if (loads !== 1) throw new Error(`${loads} page loads, one allowed`);
  return { keys, loads, reference, code, labels };
}

/** The same counter without a script: the list grows by "Ajouter", and nothing typed is lost on a mistake. */
export async function counterWithoutScript({ page, base, signIn }) {
  await signIn(page, "collection_agent");
  await page.goto(`${base}/counter`);
  await page.fill('[name="draft[make]"]', "Dell");
  await page.fill('[name="draft[model]"]', "P2214H");
  await page.check('[name="draft[kind]"][value="monitor"]');
  await page.click('button[value="add"]');
  await page.fill('[name="draft[model]"]', "ThinkCentre M73");
  await page.fill('[name="donor[email]"]', "parc@example");
  await page.click('button[value="register"]');
  const typed = await page.inputValue('[name="donor[email]"]');
  const listed = await page.locator("[data-counter-list] > li").count();
  if (typed !== "parc@example" || listed !== 2) throw new Error(`typed ${typed}, listed ${listed}`);
  await page.check('[name="donor[kind]"][value="company"]');
  await page.fill('[name="donor[email]"]', "parc@example.org");
  await page.click('button[value="register"]');
  await page.waitForURL(/\/donations\/D-/);
  const rows = await page.locator("tbody tr").count();
  if (rows !== 2) throw new Error(`${rows} devices`);
  return { reference: new URL(page.url()).pathname.split("/").pop() };
}
