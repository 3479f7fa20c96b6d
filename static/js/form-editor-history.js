// Undo and redo: a history of drafts in this window. Continuous typing is one step.
import { draftData, draw, editor, flush } from "./form-editor-draft.js";

const MOST = 100;
const TOGETHER = 1_500; // ms
const undoButton = document.getElementById("undo");
const redoButton = document.getElementById("redo");
const past = [entry()];
const future = [];
let [typedIn, typedAt] = ["", 0];
let isGoing = false;

function entry() {
  const { draft, selection } = draftData();
  return { draft, selection };
}

function show() {
  undoButton.disabled = past.length < 2;
  redoButton.disabled = !future.length;
}

document.addEventListener("draft:drawn", (event) => {
  const now = entry();
  if (isGoing || now.draft === past.at(-1).draft) {
    return;
  }
  const input = event.detail.isTyped ? document.activeElement.id : "";
  const goesOn = input && input === typedIn && performance.now() - typedAt < TOGETHER;
  if (goesOn && past.length > 1) {
    past.pop();
  }
  past.push(now);
  past.splice(0, past.length - MOST);
  future.length = 0;
  [typedIn, typedAt] = [input, performance.now()];
  show();
});

async function go(from, to) {
  await flush();
  if (isGoing || from.length <= (from === past ? 1 : 0)) {
    return;
  }
  isGoing = true;
  to.push(from.pop());
  typedIn = "";
  show();
  const goal = past.at(-1);
  await draw(goal.draft, goal.selection);
  isGoing = false;
}

const undo = () => go(past, future);
const redo = () => go(future, past);

undoButton.addEventListener("click", undo);
redoButton.addEventListener("click", redo);
document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const command = (event.ctrlKey || event.metaKey) && !event.altKey;
  const inside = editor.contains(event.target) || event.target === document.body;
  if (command && inside && (key === "z" || key === "y")) {
    event.preventDefault();
    (key === "y" || event.shiftKey ? redo : undo)();
  }
});
