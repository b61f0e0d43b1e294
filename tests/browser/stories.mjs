// The stories, by name: each takes a visitor and answers a word on what it saw.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Chain } from "./chain.mjs";
import { counter, counterWithoutScript } from "./counter.mjs";

/** Files of real machines, where they are at hand. */
const real = process.env.REBOND_FIXTURES ?? join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "shared", "fixtures");

const evidence = join(dirname(fileURLToPath(import.meta.url)), "..", "fixtures", "evidence");

const folder = mkdtempSync(join(tmpdir(), "rebond-logs-"));
const keep = (name, text) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** This hour as nwipe writes it, on a stick set to the time of France. */
const thisHour = () => new Date().toLocaleString("sv-SE", { timeZone: "Europe/Paris" }).slice(0, 13).replaceAll("-", "/");

/** Our own log, of a disk that only this story has, made within this hour. */
const told = (name, serial) =>
  keep(`${serial}-${name}`, readFileSync(join(evidence, name), "utf8").replaceAll("6RX7TEST", serial).replaceAll("2026/11/24 09", thisHour()));

/** A real log of a loop device, told of a real disk: its names, its size, and the time that such a size takes. */
const ofDisk = (file, { model, serial, bytes }) =>
  keep(`${serial}.log`, readFileSync(file, "utf8")
    .replaceAll("loop0", "  sda").replaceAll("/dev/  sda", "/dev/sda")
    .replaceAll("67108864", String(bytes)).replaceAll("| 00:00:0", "| 02:10:0")
    .replaceAll("| Loopback device/", `| ${model.slice(0, 17)}/${serial.slice(0, 20)}`)
    .replaceAll("Loopback device,", `${model},`)
    .replaceAll(/S\/N=$/gm, `S/N=${serial}`)
    .replaceAll(/\[\d{4}\/\d\d\/\d\d \d\d/g, `[${thisHour()}`));

/** From a request to the first use: the household books by itself; answers the request's reference. */
async function serve(chain, code, name) {
  const email = mailbox();
  const request = await chain.ask({ name, kind: "Ordinateur portable", email });
  await chain.hold(request, code);
  const link = (await chain.letter(email, "held")).match(/http:\S+/)[0];
  const digits = await chain.book(link);
  await chain.handOver(request, code, digits);
  return request;
}

/** A mailbox that nobody else has. */
const mailbox = () => `foyer-${Date.now().toString(36)}${Math.floor(Math.random() * 1e6)}@exemple.example`;

export const stories = {
  async counter_in_eight_keys(visitor) {
    const page = await visitor.open();
    const signIn = (p, role) => visitor.signIn(p, role);
    const { keys, loads } = await counter({ page, base: visitor.base, signIn });
    return `${keys} keys, ${loads} page load`;
  },

  async counter_without_a_script(visitor) {
    const page = await visitor.open({ scripts: false });
    const signIn = (p, role) => visitor.signIn(p, role);
    await counterWithoutScript({ page, base: visitor.base, signIn });
  },

  async every_home_can_be_read(visitor) {
    // Every page is looked at before the first fault is told: one run says all.
    const faults = [];
    const look = (name) => visitor.examine(name).catch((fault) => faults.push(fault.message));
    const roles = [...new Set(visitor.demo.accounts.map((a) => a.role))];
    for (const role of roles) {
      const page = await visitor.as(role);
      await look(`home-${role}`);
      const entries = await page.$$eval("nav.rail a", (links) => links.map((a) => a.getAttribute("href")));
      for (const path of entries) {
        const answer = await page.goto(visitor.base + path);
        if (answer.ok()) await look(`${role}${path.replaceAll("/", "-")}`);
        else faults.push(`${role} ${path}: ${answer.status()}`);
      }
      await visitor.leave();
      visitor.contexts = [];
    }
    if (faults.length) throw new Error(faults.join("\n"));
    return `${visitor.examined} examinations`;
  },

  async one_laptop_from_counter_to_household_and_back(visitor) {
    const chain = new Chain(visitor);
    const code = await chain.give({ kind: "laptop", make: "Lenovo", model: "ThinkPad T440", serial: `PF${Date.now()}` });
    await chain.receive(code);
    // What is inside, then an erasure that was stopped and one that went well.
    const serial = Date.now().toString(36).toUpperCase().slice(-8);
    await chain.inventory(code, [{ kind: "Disque dur", serial, gigabytes: 160 }]);
    await chain.start(code);
    const bench = await chain.handIn(code, told("nwipe-0.42-aborted.txt", serial));
    await chain.expect(bench, "Refusé");
    await chain.handIn(code, told("nwipe-0.42-clear.txt", serial));
    await chain.expect(bench, "Tout est fermé");
    await chain.finish(code);

    await serve(chain, code, `Benali ${serial}`);
    await chain.takeBack(code);
    return `${visitor.examined} examinations`;
  },

  // One to a household and back and out again, one to another household, one to waste: computers of three generations.
  async three_real_computers(visitor) {
    if (!existsSync(real)) return `skipped: three_real_computers, no real files at ${real}`;
    const chain = new Chain(visitor, { look: false });
    const log = (name, disk) => ofDisk(join(real, "diagnostics/nwipe/selfrun", name), disk);
    const snapshot = (name) => join(real, "ereuse", name);

    // A laptop of 2013 with two flash disks: overwriting proves nothing there, the disks' own command does.
    const dell = await chain.give({ kind: "laptop", make: "Dell" });
    await chain.receive(dell);
    const bench = await chain.handIn(dell, snapshot("wbscript-2024-26/dell-latitude-e7240_native.json"));
    await chain.expect(bench, "Latitude E7240");
    await chain.start(dell);
    const first = { model: "LITEONIT LMT-256M6M mSATA 256GB", serial: "TW0XXM305508539G1361", bytes: 256060514304 };
    await chain.handIn(dell, log("42-ops2.log", first));
    await chain.expect(bench, "Refusé");
    await chain.declare(dell, first.serial);
    await chain.declare(dell, "S33HNX0J203755R");
    await chain.finish(dell);
    await serve(chain, dell, "Latitude");

    // It comes back: inventoried, erased, checked and graded again, then to another household.
    await chain.takeBack(dell);
    await chain.receive(dell);
    await chain.inventory(dell);
    await chain.start(dell);
    await chain.declare(dell, first.serial);
    await chain.declare(dell, "S33HNX0J203755R");
    await chain.finish(dell);
    await serve(chain, dell, "Seconde");

    // A laptop whose own report claims an erasure years before the gift: it is wiped again.
    const hp = await chain.give({ kind: "laptop", make: "HP" });
    await chain.receive(hp);
    await chain.handIn(hp, snapshot("wb-11-12/hp-probook-450-g2_erase-sectors.json"));
    await chain.expect(bench, "ProBook 450 G2");
    await chain.start(hp);
    await chain.handIn(hp, log("42-ops2.log", { model: "ST500LT012-1DG14", serial: "S3P9A80F", bytes: 500107862016 }));
    await chain.expect(bench, "Tout est fermé");
    await chain.finish(hp);
    await serve(chain, hp, "ProBook");

    // A netbook with 1 GB of memory: too little for anybody. Its disk is wiped, and it leaves as waste.
    const acer = await chain.give({ kind: "laptop", make: "Acer" });
    await chain.receive(acer);
    await chain.handIn(acer, snapshot("wb-2022-lite/acer-aohappy_bad-timestamp-format.json"));
    await chain.start(acer);
    await chain.handIn(acer, log("42-zero-ok_TWO-RUNS-APPENDED.log", { model: "WDC WD1600BEVT-22A23T0", serial: "WD-WX11A80W7430", bytes: 160041885696 }));
    await chain.expect(bench, "Tout est fermé");
    await chain.waste(acer, { category: "screens", kilograms: 1.3 });
    const passports = await Promise.all([dell, hp, acer].map((code) => chain.passport(code)));
    if (passports.some((text) => /Latitude|Samira|CCAS/.test(text) && /foyer|Montpellier/.test(text))) throw new Error("a passport points at somebody");
    return [dell, hp, acer].join(", ");
  },

  // The reference of the API: read without scripts, every address it gives leads somewhere.
  async the_reference_can_be_read(visitor) {
    const page = await visitor.open({ scripts: false });
    visitor.page = page;
    await page.goto(`${visitor.base}/api`);
    const operations = await page.$$eval("main a[href^='/api/docs/']", (links) => links.map((a) => a.getAttribute("href")));
    if (operations.length < 50) throw new Error(`only ${operations.length} operations`);
    const reader = await visitor.open();
    for (const path of ["/api", "/problems", "/problems/held", "/api/docs/post_v1_donations", "/api/docs/get_v1_devices", "/api/docs/post_v1_devices_code_evidence"]) {
      const answer = await reader.goto(visitor.base + path);
      if (!answer.ok()) throw new Error(`${path}: ${answer.status()}`);
      await visitor.examine(`reference${path.replaceAll("/", "-")}`, reader);
    }
    return `${operations.length} operations`;
  },

  // The script of the README, as a stranger would run it beside the demo.
  async the_same_by_the_api(visitor) {
    const walk = join(dirname(fileURLToPath(import.meta.url)), "..", "walk.sh");
    const done = spawnSync("bash", [walk, dirname(visitor.letters)], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(done.stdout + done.stderr);
  },
};
