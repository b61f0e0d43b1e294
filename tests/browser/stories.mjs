// The stories, by name: each takes a visitor and answers a word on what it saw.

import { counter, counterWithoutScript } from "./counter.mjs";

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
};
