// Opens pages in a headless Chromium as a person would and prints what happened, one JSON object.
// node look_at_page.js CHROMIUM SMALL_PAGE LARGE_PAGE
"use strict";
const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [executablePath, small, large] = process.argv.slice(2);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

// What a change of colours alone can break is looked at alone.
const LOOKS = [
  [1280, 900, "light"], [1280, 900, "dark", ["color-contrast"]], [390, 844, "light", ["color-contrast"]], [390, 844, "dark"],
];

async function openPage(browser, file, told) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light", reducedMotion: "reduce" });
  page.on("console", (message) => told.console.push(message.text()));
  page.on("pageerror", (error) => told.console.push(String(error)));
  page.on("dialog", (dialog) => told.console.push(dialog.message()) && dialog.dismiss());
  page.on("request", (request) => request.url().startsWith("data:") || told.requests.push(request.url().split("/").pop()));
  await page.goto(pathToFileURL(file).href);
  return page;
}

async function findFaults(page, rules, part = "html") {
  const options = { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : { rules: { "target-size": { enabled: true } } }) };
  const found = await page.evaluate(([within, wanted]) => globalThis.axe.run(within, wanted), [part, options]);
  return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.target.join(" ")} ${node.failureSummary}`));
}

async function lookAround(page) {
  const seen = {};
  await page.evaluate(AXE);
  for (const [width, height, colorScheme, rules] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    seen[`${width} ${colorScheme}`] = { faults: await findFaults(page, rules), overflow };
  }
  await page.click("tbody .name >> nth=0");
  seen["390 dark, a machine"] = { faults: await findFaults(page, undefined, "dialog"), overflow: 0 };
  await page.keyboard.press("Escape");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
  return seen;
}

const focused = (page) => page.evaluate(() => {
  const cell = document.activeElement, row = cell.closest("tbody tr");
  return row ? `${row.querySelector(".title").textContent} | ${cell.ariaLabel || cell.className}` : cell.id || cell.textContent.trim();
});

// Each step is a key, or a text to type, and what has the focus after it.
async function walk(page, steps) {
  const path = [];
  for (const key of steps) {
    await page.keyboard.press(key);
    path.push([key, await focused(page)]);
  }
  return path;
}

const names = (page) => page.$$eval("#grid tbody tr:not([hidden]) .title", (all) => all.map((each) => each.textContent));

async function use(page) {
  const told = {};
  await page.evaluate(() => document.getElementById("grid").scrollIntoView());
  await page.click("#search");
  told.walk = await walk(page, ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "ArrowDown", "End", "ArrowLeft", "ArrowUp", "Home", "PageDown", "ArrowRight", "Control+End", "Control+Home"]);
  await page.keyboard.press("Enter");
  told.opened = await page.textContent("#detail-name");
  told.openedSays = await page.textContent("#detail-body");
  await page.keyboard.press("Escape");
  told.afterClosing = await focused(page);
  told.slash = (await walk(page, ["/"]))[0][1];
  await page.fill("#search", "WEB stale");
  told.searched = await names(page);
  told.status = await page.textContent("#found");
  await page.fill("#search", "nothing like this");
  await page.click("#clear");
  await page.click(".count.s-failing");
  told.failing = await names(page);
  await page.click(".count.s-failing");
  await page.click("[data-sort=name]");
  await page.click("[data-sort=name]");
  told.byNameDown = await names(page);
  told.sorted = await page.$$eval("#grid [aria-sort]", (heads) => heads.map((head) => head.ariaSort));
  told.title = await page.title();
  return told;
}

// Milliseconds until what was asked for is on the screen.
async function time(page, act) {
  return page.evaluate(async (text) => {
    const start = performance.now();
    eval(`(${text})`)();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return Math.round(performance.now() - start);
  }, String(act));
}

async function hurry(browser, told) {
  const page = await openPage(browser, large, told);
  const load = await page.evaluate(() => Math.round(performance.getEntriesByType("navigation")[0].domComplete));
  const sort = await time(page, () => document.querySelector("[data-sort=name]").click());
  const search = await time(page, () => {
    document.getElementById("search").value = "web-1";
    document.getElementById("search").dispatchEvent(new Event("input"));
  });
  const end = await time(page, () => scrollTo(0, document.body.scrollHeight));
  return { load, sort, search, end, rows: await page.$$eval("#grid tbody tr", (all) => all.length) };
}

async function main() {
  const browser = await chromium.launch({ executablePath, args: QUIET });
  const told = { console: [], requests: [] };
  const page = await openPage(browser, small, told);
  told.used = await use(page);
  told.looks = await lookAround(page);
  told.large = await hurry(browser, told);
  await browser.close();
  process.stdout.write(JSON.stringify(told));
}

main();
