// Keys: Enter adds a condition, Alt+arrows move it, Ctrl/Cmd+D doubles it, Ctrl/Cmd+Z undoes.
import { edit, form, rows } from "./builder-edit.js";
import { redo, undo } from "./builder-history.js";

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

function rowOf(target) {
  return target instanceof Element ? target.closest("[data-row]") : null;
}

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const inside = form.contains(event.target) || event.target === document.body;
  if (command && inside && !event.altKey && !event.target.closest?.(".builder-name, dialog")) {
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      (key === "y" || event.shiftKey ? redo : undo)();
    }
  }
});

rows.addEventListener("keydown", (event) => {
  const row = rowOf(event.target);
  if (!row) {
    return;
  }
  const at = row.dataset.row;
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey && MOVES[event.key]) {
    event.preventDefault();
    edit(MOVES[event.key], at);
  } else if (command && event.key.toLowerCase() === "d") {
    event.preventDefault();
    edit("duplicate", at);
  } else if (event.key === "Enter" && !command && event.target.matches("input, select")) {
    event.preventDefault();
    if (!row.matches(".blank")) {
      edit("add", at, {});
    }
  } else if (event.key === "Escape" && row.matches(".blank") && rows.querySelectorAll(".condition").length > 1) {
    event.preventDefault();
    edit("remove", at);
  } else if (command && (event.key === "Backspace" || event.key === "Delete")) {
    event.preventDefault();
    edit("remove", at);
  }
});
