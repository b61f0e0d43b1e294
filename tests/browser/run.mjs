// Starts a demo of its own and plays each story in Chromium: `node tests/browser/run.mjs [STORY…]`.
//
// REBOND_URL and REBOND_DEMO (the path of demo.json) play against an instance that runs already.
// REBOND_SHOTS names a folder for pictures of every page visited.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { stories } from "./stories.mjs";
import { Visitor } from "./visitor.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const wanted = process.argv.slice(2);

const freePort = () =>
  new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

/** Starts a demo in a folder of its own and waits until it can be signed in to. */
async function startDemo() {
  const dir = mkdtempSync(join(tmpdir(), "rebond-browser-"));
  const port = await freePort();
  const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "rebond");
  const child = spawn(binary, ["demo", "--dir", dir, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "inherit"] });
  const base = `http://127.0.0.1:${port}`;
  const file = join(dir, "demo.json");
  for (let tries = 0; tries < 240; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}`);
    if (existsSync(file) && (await fetch(`${base}/health/ready`).then((a) => a.ok, () => false))) {
      const stop = () => { child.kill("SIGTERM"); rmSync(dir, { recursive: true, force: true }); };
      return { base, file, dir, stop };
    }
    await new Promise((later) => setTimeout(later, 250));
  }
  child.kill("SIGKILL");
  throw new Error("the demo was not ready in 60 s");
}

const given = process.env.REBOND_URL && { base: process.env.REBOND_URL, file: process.env.REBOND_DEMO, stop: () => {} };
const place = given || (await startDemo());
const demo = JSON.parse(readFileSync(place.file, "utf8"));
const args = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
if (process.getuid?.() === 0) args.push("--no-sandbox");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
let passed = 0;
let failed = 0;
try {
  for (const [name, story] of Object.entries(stories)) {
    if (wanted.length && !wanted.includes(name)) continue;
    const visitor = new Visitor(browser, place.base, demo, join(dirname(place.file), "mail"));
    try {
      const said = await story(visitor);
      passed += 1;
      console.log(`ok ${name}${said ? ` (${said})` : ""}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error.stack ?? error}`);
      await visitor.shoot(`failed-${name}`);
    } finally {
      await visitor.leave();
    }
  }
} finally {
  await browser.close();
  place.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
