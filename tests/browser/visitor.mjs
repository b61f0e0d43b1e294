// Somebody before a browser: signs in as a role of the demo, looks at pages, and has each page examined.

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 1280];

export class Visitor {
  /** `letters` is the folder where the demo keeps its mail. */
  constructor(browser, base, demo, letters) {
    this.browser = browser;
    this.letters = letters;
    this.base = base;
    this.demo = demo;
    this.contexts = [];
    this.shots = process.env.REBOND_SHOTS;
    this.examined = 0;
    if (this.shots) mkdirSync(this.shots, { recursive: true });
  }

  /** A browser of its own, with or without scripts. */
  async open({ scripts = true, width = 1280 } = {}) {
    const context = await this.browser.newContext({
      bypassCSP: true, javaScriptEnabled: scripts, locale: "fr-FR", timezoneId: "Europe/Paris",
      viewport: { width, height: 900 },
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => { this.broken = error; });
    this.page = page;
    return page;
  }

  account(role, n = 0) {
    const found = this.demo.accounts.filter((a) => a.role === role)[n];
    if (!found) throw new Error(`the demo has no ${role}`);
    return found;
  }

  /** Signs in as a role in a browser of its own. */
  async as(role, options = {}) {
    const page = await this.open(options);
    await this.signIn(page, role, options.n);
    return page;
  }

  async signIn(page, role, n = 0) {
    const account = this.account(role, n);
    await page.goto(`${this.base}/sign-in`);
    await page.fill("#email", account.email);
    await page.fill("#password", account.password);
    await Promise.all([page.waitForURL(`${this.base}/`), page.click("main form button")]);
  }

  /** Asks the API with a role's token. */
  async api(role, method, path, body, n = 0) {
    const answer = await fetch(this.base + path, {
      method,
      headers: {
        authorization: `Bearer ${this.account(role, n).token}`,
        ...(typeof body === "object" && !(body instanceof Uint8Array) ? { "content-type": "application/json" } : {}),
      },
      body: body === undefined ? undefined : body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text ? JSON.parse(text) : null;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return json;
  }

  /** The newest message of a kind to a mailbox, as its reader sees it; "" when there is none yet. */
  mail(to, kind) {
    const names = existsSync(this.letters) ? readdirSync(this.letters).filter((name) => name.includes(`-${kind}-`)).sort() : [];
    const texts = names.map((name) => readFileSync(join(this.letters, name), "utf8")).filter((text) => text.includes(`To: ${to}`));
    const bytes = (texts.pop() ?? "").replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, "latin1").toString("utf8");
  }

  /** Examines the page shown: no axe violation, nothing wider than the screen, at both widths. */
  async examine(name, page = this.page) {
    const before = page.viewportSize();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await this.shoot(`${name}-${width}`, page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 1) throw new Error(`${name} is ${wide} px wider than a screen of ${width} px`);
      // A label points at one field: two of a name would send its click to the wrong one.
      const twice = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, n, all) => all.indexOf(id) !== n));
      if (twice.length) throw new Error(`${name} has more than one #${twice.join(", #")}`);
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      if (violations.length) {
        const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
        throw new Error(`${name} at ${width} px: ${told.join("; ")}`);
      }
      this.examined += 1;
    }
    await page.setViewportSize(before);
    if (this.broken) throw this.broken;
  }

  async shoot(name, page = this.page) {
    if (this.shots && page && !page.isClosed()) await page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true }).catch(() => {});
  }

  async leave() {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}
