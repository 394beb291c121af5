"use strict";
// Everything foreign goes in as text, never as markup.
const coverage = JSON.parse(document.getElementById("coverage").textContent);
const { states, signs, cells, kinds, nights } = coverage;
const now = Date.parse(coverage.time);
const byId = (id) => document.getElementById(id);
const grid = byId("grid"), body = grid.tBodies[0], search = byId("search"), plan = byId("plan"), tip = byId("tip");
const FIRST_NIGHT = 4; // the columns before it: state, machine, plan, age
const heads = [...grid.tHead.rows[0].cells].map((head) => (head.querySelector(".unseen") || head).textContent.trim());

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function writeSpan(seconds) {
  if (seconds === null) return "–";
  const hours = seconds / 3600;
  if (hours < 1) return Math.round(seconds / 60) + "m";
  return hours < 72 ? Math.round(hours) + "h" : Math.round(hours / 24) + "d";
}

function writeTime(minutesAgo) {
  if (minutesAgo === null) return element("span", "unknown", "dim");
  const moment = new Date(now - minutesAgo * 60000);
  const made = element("time", moment.toISOString().slice(0, 16).replace("T", " "));
  made.dateTime = moment.toISOString();
  made.title = moment.toLocaleString() + " here";
  return made;
}

// ---- rows

const bare = byId("row").content.firstElementChild;

function makeRow(machine) {
  const row = bare.cloneNode(true), [state, name, ofPlan, age] = row.cells;
  const word = states[machine.state];
  row.className = word + "-row";
  state.firstChild.className = "pill s-" + word;
  state.querySelector(".sign").textContent = signs[machine.state];
  state.querySelector(".word").textContent = word;
  name.querySelector(".title").textContent = machine.name || machine.id;
  name.querySelector(".id").textContent = [machine.stopped, machine.name && machine.id].filter(Boolean).join(" ");
  ofPlan.append(machine.plan === null ? element("span", "–", "dim") : element("bdi", machine.plan));
  age.textContent = writeSpan(machine.age);
  if (machine.late) age.classList.add("late");
  for (let index = 0; index < nights.length; index += 1) {
    const letter = machine.cells[index], cell = row.cells[FIRST_NIGHT + index];
    cell.className = "night c-" + letter;
    cell.textContent = cells[letter].sign;
    cell.ariaLabel = heads[FIRST_NIGHT + index] + ": " + cells[letter].word;
  }
  row.cells[row.cells.length - 1].textContent = [machine.why, ...machine.warnings].join("; ");
  return row;
}

const machines = coverage.machines.map((machine, index) => {
  const texts = [machine.name, machine.id, machine.disk, machine.plan, machine.why, states[machine.state], ...machine.warnings];
  const ids = machine.points.map((point) => point[0]);
  return { ...machine, index, row: makeRow(machine), text: texts.concat(ids).join("\n").toLowerCase() };
});
const ofRow = new Map(machines.map((machine) => [machine.row, machine]));
let shown = machines;

// ---- search, filter, sort

const compare = new Intl.Collator("en", { numeric: true }).compare;
const last = (value) => (value === null ? Infinity : value);
const orders = {
  state: (one, other) => one.state - other.state,
  name: (one, other) => compare(one.name || one.id, other.name || other.id),
  plan: (one, other) => compare(one.plan || "\uffff", other.plan || "\uffff"),
  age: (one, other) => last(other.age) - last(one.age) || 0,
};
const order = { by: "state", down: false };

function wantedStates() {
  const pressed = document.querySelectorAll(".count[aria-pressed=true]");
  return new Set([...pressed].map((button) => states.indexOf(button.dataset.state)));
}

function isWanted(machine, words, wanted) {
  if (wanted.size && !wanted.has(machine.state)) return false;
  if (plan.value && machine.plan !== plan.value) return false;
  return words.every((word) => machine.text.includes(word));
}

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean), wanted = wantedStates();
  shown = [];
  for (const machine of machines) {
    const is = isWanted(machine, words, wanted);
    machine.row.hidden = !is;
    if (is) shown.push(machine);
  }
  const number = (count) => count.toLocaleString("en");
  const all = shown.length === machines.length;
  byId("found").textContent = all ? number(shown.length) + " machines" : number(shown.length) + " of " + number(machines.length);
  byId("none-found").hidden = shown.length > 0 || !machines.length;
  if (!shown.some((machine) => machine.row.contains(current))) makeCurrent(shown.length ? shown[0].row.cells[0] : null);
}

function sort() {
  const by = orders[order.by], sign = order.down ? -1 : 1;
  machines.sort((one, other) => sign * by(one, other) || one.index - other.index);
  body.append(...machines.map((machine) => machine.row));
  machines.forEach((machine, index) => machine.row.setAttribute("aria-rowindex", index + 2));
  for (const button of grid.tHead.querySelectorAll("button")) {
    const is = button.dataset.sort === order.by;
    button.parentNode.ariaSort = is ? (order.down ? "descending" : "ascending") : "none";
  }
}

grid.tHead.addEventListener("click", (event) => {
  const by = event.target.dataset.sort;
  if (!by) return;
  order.down = by === order.by && !order.down;
  order.by = by;
  sort();
  show();
});
search.addEventListener("input", show);
plan.addEventListener("change", show);
for (const button of document.querySelectorAll(".count")) {
  button.addEventListener("click", () => {
    button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
    show();
  });
}
byId("clear").addEventListener("click", () => {
  search.value = plan.value = "";
  for (const button of document.querySelectorAll(".count")) button.ariaPressed = "false";
  show();
  search.focus();
});

// ---- keyboard: one cell of the grid is in the tab order, the arrows move on from it

let current = null;

function makeCurrent(cell) {
  if (current) current.tabIndex = -1;
  current = cell;
  if (current) current.tabIndex = 0;
}

function move(rows, columns) {
  const row = current.parentNode, at = shown.findIndex((machine) => machine.row === row);
  const to = shown[Math.min(Math.max(at + rows, 0), shown.length - 1)].row;
  const column = Math.min(Math.max(current.cellIndex + columns, 0), row.cells.length - 1);
  makeCurrent(nearest([...to.cells], column, columns > 0));
  current.focus();
}

// A narrow screen leaves some cells out.
function nearest(cells, column, ahead) {
  const after = cells.slice(column), before = cells.slice(0, column + 1).reverse();
  const isThere = (cell) => cell.getClientRects().length > 0;
  return (ahead ? after.find(isThere) || before.find(isThere) : before.find(isThere) || after.find(isThere)) || current;
}

const moves = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -Infinity], End: [0, Infinity],
  "Control+Home": [-Infinity, -Infinity], "Control+End": [Infinity, Infinity],
};

body.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey) return;
  const to = moves[(event.ctrlKey ? "Control+" : "") + event.key];
  if (to) move(...to);
  else if (event.key === "Enter" || event.key === " ") open(ofRow.get(current.parentNode));
  else return;
  event.preventDefault();
});
body.addEventListener("focusin", (event) => {
  const cell = event.target.closest("td, th");
  if (cell !== current) makeCurrent(cell);
  showTip(cell);
});
body.addEventListener("focusout", hideTip);
body.addEventListener("click", (event) => {
  const cell = event.target.closest("td, th");
  if (!cell || String(getSelection())) return;
  makeCurrent(cell);
  open(ofRow.get(cell.parentNode));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
  const typing = event.target.closest("input, select, dialog");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    search.focus();
  }
});

// ---- what a cell says

function dayOf(point) {
  return point[1] === null ? null : new Date(now - point[1] * 60000).toISOString().slice(0, 10);
}

function sayPoint(point) {
  const [state, reason, code] = kinds[point[2]];
  const why = [state, reason, code].filter(Boolean).join(", ");
  return [point[0], why, point[3] ? point[3].toLocaleString("en") + " GiB" : ""].filter(Boolean).join(" · ");
}

function showTip(cell) {
  const machine = cell && ofRow.get(cell.parentNode), night = cell ? cell.cellIndex - FIRST_NIGHT : -1;
  if (!machine || night < 0 || night >= nights.length) return hideTip();
  const lines = machine.points.filter((point) => dayOf(point) === nights[night]).map(sayPoint);
  tip.replaceChildren(
    element("strong", machine.name || machine.id), element("span", cell.ariaLabel),
    ...lines.map((line) => element("span", line, "mono")),
  );
  tip.hidden = false;
  const box = cell.getBoundingClientRect(), size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - size.width / 2, 8), innerWidth - size.width - 8);
  const above = box.top - size.height - 8;
  tip.style.left = Math.round(left) + "px";
  tip.style.top = Math.round(above < 8 ? box.bottom + 8 : above) + "px";
}

function hideTip() {
  tip.hidden = true;
}

body.addEventListener("pointerover", (event) => {
  if (event.pointerType === "mouse") showTip(event.target.closest("td"));
});
body.addEventListener("pointerleave", hideTip);
addEventListener("scroll", () => {
  if (!tip.hidden) showTip(body.contains(document.activeElement) ? current : null); // it stays with the cell that has the focus
}, { passive: true });

// ---- one machine

function addFact(list, name, ...parts) {
  const value = element("dd");
  value.append(...parts);
  list.append(element("dt", name), value);
}

function factsOf(machine) {
  const list = element("dl");
  addFact(list, "Why", machine.why);
  if (machine.warnings.length) addFact(list, "Also", ...machine.warnings.map((line) => element("span", line, "line")));
  if (machine.image) addFact(list, "Newest good image", element("code", machine.image), " " + writeSpan(machine.age) + " old");
  if (machine.leftOut.length) addFact(list, "Left out of it", machine.leftOut.join(", "));
  addFact(list, "Plan", machine.plan === null ? "none" : machine.plan + ", rpo " + writeSpan(machine.rpo));
  addFact(list, "Machine", element("code", machine.id), machine.stopped ? " " + machine.stopped : "");
  addFact(list, "System disk", machine.disk ? element("code", machine.disk) : "none is attached now");
  addFact(list, "Snapshot policies", machine.policies.join(", ") || "none");
  addFact(list, "More", element("code", "snapimage explain " + machine.id));
  return list;
}

function pointsOf(machine) {
  const table = element("table", undefined, "plain"), head = table.createTHead().insertRow(), rows = table.createTBody();
  for (const name of ["Taken (UTC)", "State", "GiB", "Image, or snapshot"]) {
    const cell = element("th", name, name === "GiB" ? "num" : "");
    cell.scope = "col";
    head.append(cell);
  }
  for (const point of machine.points) {
    const [state, reason, code] = kinds[point[2]], letter = state[0], row = rows.insertRow();
    const sign = element("span", cells[letter].sign, "key c-" + letter);
    sign.ariaHidden = "true";
    const why = reason && reason !== "ImageAvailable" ? [reason, code].filter(Boolean).join(", ") : code;
    row.insertCell().append(writeTime(point[1]));
    row.insertCell().append(sign, state, ...(why ? [element("span", why, "reason")] : []));
    row.insertCell().append(point[3] ? point[3].toLocaleString("en") : "–");
    row.insertCell().append(element("code", point[0]));
    row.cells[2].className = "num";
  }
  giveRoles(table);
  return table;
}

// A narrow screen lays its rows out in two lines, which would end its being a table.
function giveRoles(table) {
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const cell of table.querySelectorAll("th")) cell.setAttribute("role", "columnheader");
  for (const cell of table.querySelectorAll("td")) cell.setAttribute("role", "cell");
}

function open(machine) {
  hideTip();
  byId("detail-name").textContent = machine.name || machine.id;
  const state = machine.row.cells[0].firstChild.cloneNode(true);
  const some = machine.points.length ? pointsOf(machine) : element("p", "No snapshot and no image of it was found.", "dim");
  byId("detail-body").replaceChildren(state, factsOf(machine), some);
  byId("detail").showModal();
  byId("detail").scrollTop = 0;
}

byId("detail").addEventListener("click", (event) => {
  if (event.target === byId("detail")) byId("detail").close(); // beside it
});
byId("detail").addEventListener("close", () => current && current.focus());

// ---- start

for (const name of [...new Set(machines.map((machine) => machine.plan).filter((name) => name !== null))].sort(compare)) {
  plan.append(new Option(name, name));
}
for (const made of document.querySelectorAll("time")) made.title = new Date(made.dateTime).toLocaleString() + " here";
grid.setAttribute("aria-rowcount", machines.length + 1);
sort();
show();
