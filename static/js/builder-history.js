// Undo and redo: a history of definitions, not of the page.
import { draw, form, rows } from "./builder-edit.js";

const MOST = 200;
const MOST_STORED = 50;
const TOGETHER = 1_500;
const undoButton = document.getElementById("undo");
const redoButton = document.getElementById("redo");

const NAME = `history:${form.dataset.draft}`;
const { past, future } = loadHistory();
let going = 0;
let typedIn = "";
let typedAt = 0;

function current() {
  return document.getElementById("definition").dataset.json;
}

/** The history of this draft in this window, if it ends with the definition on the page. */
function loadHistory() {
  const entry = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
  return entry?.past.at(-1) === current() ? entry : { past: [current()], future: [] };
}

function store() {
  try {
    sessionStorage.setItem(NAME, JSON.stringify({ past: past.slice(-MOST_STORED), future }));
  } catch {
    sessionStorage.removeItem(NAME); // storage is full
  }
}

function show() {
  undoButton.disabled = past.length < 2;
  redoButton.disabled = future.length === 0;
  store();
}

/** Record the present definition; continuous typing is one step. */
function record(isTyped) {
  const definition = current();
  if (going || definition === past.at(-1)) {
    return;
  }
  const input = isTyped ? document.activeElement?.id : "";
  const goesOn = input && input === typedIn && performance.now() - typedAt < TOGETHER;
  if (goesOn && past.length > 1) {
    past.pop();
  }
  past.push(definition);
  past.splice(0, past.length - MOST);
  future.length = 0;
  typedIn = input;
  typedAt = performance.now();
  show();
}

export function undo() {
  if (past.length > 1) {
    future.push(past.pop());
    go();
  }
}

export function redo() {
  if (future.length) {
    past.push(future.pop());
    go();
  }
}

async function go() {
  typedIn = "";
  going += 1;
  show();
  await draw(past.at(-1));
  going -= 1;
}

undoButton.addEventListener("click", undo);
redoButton.addEventListener("click", redo);
document.addEventListener("builder:drawn", () => record(false));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.elt !== rows) {
    record(true);
  }
});
show();
