// The chain, by hand: what each person does on their own screen, by the words they read there.

export class Chain {
  /** `visitor` plays every role, each in a browser of its own; `look` examines the pages met on the way. */
  constructor(visitor, { look = true } = {}) {
    this.visitor = visitor;
    this.look = look;
    this.pages = {};
  }

  async at(role) {
    this.pages[role] ??= await this.visitor.as(role);
    this.visitor.page = this.pages[role];
    return this.pages[role];
  }

  async seen(name, page) {
    if (this.look) await this.visitor.examine(`chain-${name}`, page);
  }

  field(page, label, options) {
    return page.locator("main").getByLabel(label, options);
  }

  /** Chooses one of a question's keys: by its word, or the first. */
  async key(page, question, word) {
    const keys = page.locator("main").getByRole("group", { name: question });
    await (word ? keys.getByRole("radio", { name: word, exact: true }) : keys.getByRole("radio").first()).check();
  }

  /** Types or scans a code in the field that is on every page. */
  async scan(page, code) {
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("/");
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/devices/${code.replace("-", "")}`);
  }

  async press(page, name) {
    const before = page.url();
    await Promise.all([page.waitForLoadState("load"), page.getByRole("button", { name, exact: true }).first().click()]);
    await page.waitForFunction(() => document.readyState === "complete");
    return before;
  }

  /** What the page says after a step: its flash, or the faults of its form. */
  async said(page) {
    const told = await page.locator("[data-flash], .summary, .needs").allTextContents();
    return told.join(" | ").replace(/\s+/g, " ").trim();
  }

  async expect(page, text) {
    const body = (await page.locator("body").innerText()).replace(/\s+/g, " ");
    if (!body.includes(text)) throw new Error(`« ${text} » is not on ${page.url()}: ${await this.said(page)}\n${body.slice(0, 1500)}`);
  }

  /** A gift at the counter; answers the code of its label. */
  async give({ kind, make, model, serial }) {
    const page = await this.at("collection_agent");
    await page.goto(`${this.visitor.base}/counter`);
    await page.keyboard.press(String(["laptop", "desktop", "all_in_one", "tablet", "smartphone", "monitor", "other"].indexOf(kind) + 1));
    await this.field(page, "Marque").fill(make ?? "");
    await this.field(page, "Modèle").fill(model ?? "");
    await this.field(page, "Numéro de série").fill(serial ?? "");
    await page.keyboard.press("F9");
    await page.waitForURL(/\/donations\/D-/);
    const code = (await page.locator("table a.code").first().textContent()).trim();
    await this.seen("given", page);
    return code;
  }

  /** The bench takes it from the counter. */
  async receive(code) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await this.press(page, "Réceptionner ici");
    await this.expect(page, "Atelier de Montpellier");
    await this.seen("received", page);
  }

  /** Hands a tool's file in for the device. */
  async handIn(code, file) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await page.locator("main").getByRole("link", { name: /^(Preuves|Déposer la preuve d’effacement)$/ }).first().click();
    await this.field(page, "Fichier de l’outil").setInputFiles(file);
    await this.press(page, "Déposer");
    await this.seen("evidence", page);
    return page;
  }

  /** Says where it was looked, and that nothing else was found. */
  async inventory(code, disks = []) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await page.locator("main").getByRole("link", { name: /^(Supports|Inventorier les supports)$/ }).first().click();
    for (const { kind, serial, gigabytes } of disks) {
      await this.key(page, "Type", kind);
      await this.field(page, "Numéro de série").fill(serial);
      await this.field(page, "Capacité").fill(String(gigabytes));
      await this.press(page, "Inscrire ce support");
    }
    await this.seen("inventory", page);
    for (const box of await page.locator("section[aria-labelledby=look] input[type=checkbox]").all()) await box.check();
    await this.press(page, "L’inventaire est complet");
    await this.seen("inventoried", page);
  }

  /** What writes no file is declared: the disk's own erasing command. */
  async declare(code, serial) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await page.locator("main").getByRole("link", { name: "Supports" }).first().click();
    const line = page.locator("ul.media > li", { hasText: serial });
    await line.getByText("Agir sur ce support").click();
    await line.getByRole("link", { name: "Déclarer sans fichier" }).click();
    await page.locator("input[name=method][value=block_erase]").check();
    await page.locator("input[name=level][value=purge]").check();
    await page.locator("input[name=verification][value=drive_status]").check();
    await page.locator("input[name=result][value=success]").check();
    await this.field(page, "Outil").fill("hdparm 9.65");
    await this.seen("declaration", page);
    await this.press(page, "Déclarer");
  }

  async start(code) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await this.press(page, "Lancer l’effacement");
    await this.seen("sanitising", page);
  }

  /** Locks, functions, what one sees: then ready. */
  async finish(code) {
    const page = await this.at("refurbisher");
    await this.scan(page, code);
    await this.press(page, "Commencer la remise en état");
    await page.locator("main").getByRole("link", { name: /^Contrôle/ }).first().click();
    for (const set of await page.locator("fieldset").all()) {
      const good = set.getByRole("radio", { name: /^(Absent|Fonctionne|Aucun)/ }).first();
      if (await good.count()) await good.check();
    }
    await this.field(page, "J’ai cherché tous ces verrous").check();
    await this.seen("checks", page);
    await this.press(page, "Enregistrer les contrôles");
    await this.scan(page, code);
    await page.locator("main").getByRole("link", { name: /grade/i }).first().click();
    for (const set of await page.locator("main fieldset").all()) await set.getByRole("radio").first().check();
    await this.seen("grading", page);
    await this.press(page, "Attribuer le grade");
    await this.scan(page, code);
    await this.press(page, "Déclarer prêt");
    await this.expect(page, "Prêt");
    await this.seen("ready", page);
  }

  /** A request beside the person; answers its reference. */
  async ask({ name, kind, email }) {
    const page = await this.at("social_worker");
    await page.goto(`${this.visitor.base}/requests/new`);
    await this.field(page, "Prénom").fill("Samira");
    await this.field(page, "Nom", { exact: true }).fill(name);
    await this.field(page, "Date de naissance").fill("1984-05-02");
    await this.field(page, "Commune").fill("34172");
    await this.field(page, "Ressources du foyer, par mois").fill("420");
    await this.field(page, "J’ai vu un justificatif de ces ressources").check();
    await this.key(page, "Équipement", kind);
    await this.field(page, "Pour quoi faire").selectOption("schooling");
    await this.key(page, "Par quel moyen", "Courriel");
    await this.field(page, "Courriel (si courriel)").fill(email);
    await page.locator("[data-decision] .word").filter({ hasText: "Éligible" }).waitFor();
    await this.seen("request", page);
    await this.press(page, "Déposer la demande");
    await page.waitForURL(/\/requests\/R-/);
    await this.seen("filed", page);
    return page.url().split("/").pop();
  }

  /** A coordinator holds this very device for this request. */
  async hold(reference, code) {
    const page = await this.at("coordinator");
    await page.goto(`${this.visitor.base}/queue/${reference}`);
    await page.locator("main").getByRole("link", { name: "Réserver un équipement" }).click();
    const option = await this.field(page, "Équipement prêt").locator("option", { hasText: code }).getAttribute("value");
    await this.field(page, "Équipement prêt").selectOption(option);
    await this.field(page, "Pourquoi hors de la file").selectOption({ index: 1 });
    await this.seen("hold", page);
    await this.press(page, "Réserver");
    await this.expect(page, `est réservé pour ${reference}`);
  }

  /** The newest message of a kind to a mailbox, as its reader sees it. */
  async letter(email, kind) {
    for (let tries = 0; tries < 40; tries += 1) {
      const text = await this.visitor.mail(email, kind);
      if (text) return text;
      await new Promise((later) => setTimeout(later, 250));
    }
    throw new Error(`no message « ${kind} » to ${email}`);
  }

  /** The household opens its link on a borrowed phone and books; no page of it has a script. Answers the pickup code. */
  async book(link, venue = "Permanence de Montpellier") {
    const page = await this.visitor.open({ width: 360 });
    const answer = await page.goto(link);
    if (await page.locator("script").count()) throw new Error("a household's page has a script");
    const bytes = (await answer.body()).length;
    if (bytes > 40_000) throw new Error(`a household's page of ${bytes} bytes`);
    await this.seen("household-birth", page);
    await this.field(page, "Jour").fill("2");
    await this.field(page, "Mois").fill("5");
    await this.field(page, "Année").fill("1984");
    await this.press(page, "Continuer");
    await this.seen("household-held", page);
    await page.locator("a.primary").first().click();
    await this.seen("household-place", page);
    await page.locator("main").getByRole("link", { name: venue }).click();
    await this.seen("household-day", page);
    await page.locator("a.choice").first().click();
    await this.seen("household-time", page);
    await page.locator("a.choice").first().click();
    for (let more = 0; more < 4 && (await page.locator("a.choice").count()); more += 1) await page.locator("a.choice").first().click();
    await this.seen("household-summary", page);
    await page.locator("button.primary").click();
    await page.waitForLoadState("load");
    await this.seen("household-booked", page);
    const code = (await page.locator(".secret").textContent()).trim();
    await page.context().close();
    return code;
  }

  /** The mediator receives the household: label, code, charger, then the first use. */
  async handOver(reference, code, digits) {
    const page = await this.at("mediator");
    await this.scan(page, code);
    const receive = page.getByRole("button", { name: "Réceptionner ici", exact: true });
    if (await receive.count()) await this.press(page, "Réceptionner ici");
    await page.goto(`${this.visitor.base}/agenda`);
    await this.seen("agenda", page);
    await page.locator("main").getByRole("link", { name: new RegExp(`^Accueillir ${reference}`) }).click();
    await this.seen("appointment", page);
    await page.locator("main").getByRole("link", { name: "Remettre l’équipement" }).click();
    await this.seen("handover", page);
    await this.field(page, "Étiquette de l’équipement").fill(code);
    await this.field(page, "Code de retrait").fill("000000" === digits ? "000001" : "000000");
    await this.field(page, "Chargeur").check();
    await this.press(page, "Remettre l’équipement");
    await this.expect(page, "Ce code n’est pas le bon");
    await this.seen("handover-wrong-code", page);
    await this.field(page, "Code de retrait").fill(digits);
    await this.press(page, "Remettre l’équipement");
    await this.expect(page, "C’est remis.");
    await this.seen("handed-over", page);
    await page.locator("main").getByRole("link", { name: "Noter la prise en main" }).click();
    await page.locator("input[name^=topics]").first().check();
    await this.seen("appointment-after", page);
    await this.press(page, "La prise en main a été faite");
    await this.seen("onboarded", page);
  }

  /** It comes back to the hall. */
  async takeBack(code) {
    const page = await this.at("mediator");
    await page.goto(`${this.visitor.base}/returns`);
    await this.field(page, "Étiquette de l’équipement").fill(code);
    await this.key(page, "Pourquoi revient-il ?");
    await this.key(page, /données soient effacées/);
    await this.seen("returns", page);
    await this.press(page, "Reprendre l’équipement");
    await this.seen("returned", page);
  }

  /** Beyond repair: declared, put in a lot, weighed, sealed, taken away. */
  async waste(code, { category, kilograms }) {
    let page = await this.at("refurbisher");
    await this.scan(page, code);
    await page.getByText("Déclarer en fin de vie…").click();
    await page.locator("#declare_end_of_life-reason").selectOption("beyond_repair");
    await this.press(page, "Déclarer en fin de vie");
    await this.expect(page, "Fin de vie");
    await this.seen("end-of-life", page);
    page = await this.at("storekeeper");
    await this.scan(page, code);
    await this.press(page, "Réceptionner ici");
    await page.goto(`${this.visitor.base}/lots`);
    await this.field(page, "Ce qui y entre").selectOption(category);
    await this.press(page, "Ouvrir le lot");
    await page.waitForURL(/\/lots\/L-/);
    const lot = page.url();
    await this.field(page, "Scannez ce qui entre dans le lot").fill(code);
    await this.press(page, "Ajouter");
    await this.expect(page, "Contenu (1)");
    await this.seen("lot", page);
    await this.field(page, "Poids du lot entier").fill(String(kilograms).replace(".", ","));
    await this.press(page, "Fermer le lot");
    await this.expect(page, "Voir le bon");
    await this.seen("lot-closed", page);
    page = await this.at("recycler");
    await page.goto(lot);
    await this.field(page, "Transporteur").fill("Transports Mistral Blanc");
    await this.field(page, "Destination").fill("Éco-organisme");
    await this.field(page, "Numéro du bon").fill("BON-42");
    await this.press(page, "Le lot est enlevé");
    await this.expect(page, "Enlevé");
    await this.seen("lot-collected", page);
  }

  /** What anybody with a phone reads of it. */
  async passport(code) {
    const page = await this.visitor.open({ width: 360 });
    await page.goto(`${this.visitor.base}/p/${code.replace("-", "")}`);
    await this.seen("passport", page);
    const text = await page.locator("main").innerText();
    await page.context().close();
    return text;
  }
}
