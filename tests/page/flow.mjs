// The pages in a browser: the whole way with a script and without one, at the width of
// a phone and of a desk, light and dark, and what axe-core finds.
//
//   flow.mjs MODULES SITE PICTURES
//
// MODULES is the folder with puppeteer-core and axe-core, SITE where a server listens
// that knows example.com, PICTURES the folder for screenshots.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const [modules, site, pictures] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const puppeteer = require("puppeteer-core");
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const RECORD = "v=spf1 include:p.example ip4:192.0.2.0/24 -all";
const FLAT = "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/25 -all";

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const problems = [];

async function page(script) {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(script);
  page.on("pageerror", (error) => problems.push(`page: ${error}`));
  page.on("console", (said) => {
    if (said.type() === "error") problems.push(`console: ${said.text()}`);
  });
  page.on("response", (response) => {
    const url = response.url();
    // The browser asks for an icon by itself.
    if (response.status() >= 400 && !url.endsWith("/favicon.ico")) problems.push(`${response.status()} ${url}`);
    if (!url.startsWith(site)) problems.push(`elsewhere: ${url}`);
  });
  return page;
}

// A record is pasted, the tree seen, the result there to be copied.
async function flow(script) {
  const tab = await page(script);
  await tab.goto(site);
  await tab.type("#policy", RECORD);
  await tab.type("#domain", "example.com");
  await tab.type("#ip", "198.51.100.7");
  await Promise.all([tab.waitForNavigation(), tab.click("form button")]);
  const text = await tab.$eval("main", (main) => main.textContent);
  for (const words of ["Result: pass", "1 of 10", "include:p.example", FLAT]) {
    assert.ok(text.includes(words), `${words}: ${text}`);
  }
  const hidden = await tab.$eval("button[data-copy='flat-0']", (button) => button.hidden);
  assert.equal(hidden, !script);
  if (script) {
    const context = browser.defaultBrowserContext();
    await context.overridePermissions(site, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    await tab.bringToFront();
    await tab.click("button[data-copy='flat-0']");
    await tab.waitForFunction(() => document.querySelector("button[data-copy='flat-0']").textContent === "Copied");
    assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), FLAT);
    // By keys alone: the first of them leads past the heading.
    await tab.goto(site);
    await tab.keyboard.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.className), "skip");
  }
  await tab.close();
}

// What axe-core finds, at each width, light and dark; and a picture of it.
async function look(path, name) {
  for (const [width, words] of [[390, "phone"], [1280, "desk"]]) {
    for (const scheme of ["light", "dark"]) {
      const tab = await page(true);
      await tab.setBypassCSP(true);
      await tab.setViewport({ width, height: 900 });
      await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await tab.goto(site + path);
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, `${path} is wider than ${width}`);
      await tab.screenshot({ path: `${pictures}/${name}-${words}-${scheme}.png`, fullPage: true });
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      for (const { id, impact, nodes } of violations) {
        problems.push(`axe: ${path} ${words} ${scheme}: ${impact} ${id}: ${nodes.map((node) => node.html).join(" ")}`);
      }
      await tab.close();
    }
  }
}

// How long it takes until something is seen.
async function paint() {
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const tab = await page(true);
    const begun = performance.now();
    await tab.goto(site);
    const paint = await tab.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
        .observe({ type: "paint", buffered: true });
    }));
    times.push(paint);
    assert.ok(performance.now() - begun < 10_000);
    await tab.close();
  }
  times.sort((one, two) => one - two);
  console.log(`first paint: median ${times[2].toFixed(0)} ms, worst ${times[4].toFixed(0)} ms`);
  assert.ok(times[2] < 200, `first paint after ${times[2]} ms`);
}

await flow(false);
await flow(true);
const broken = encodeURIComponent("v=spf1 ip4:192.0.2.0/33 include:nowhere.example +all");
await look("/", "home");
await look("/?policy=example.com&ip=198.51.100.7", "policy");
await look(`/?policy=${broken}`, "broken");
await look("/domains/office", "source");
await paint();
await browser.close();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
console.log(`${problems.length} problems`);
