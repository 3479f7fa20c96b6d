// Keys: Enter adds a condition, Alt+arrows move it, Ctrl/Cmd+D doubles it, Ctrl/Cmd+Z undoes,
// Ctrl/Cmd+Enter saves.
import { edit, form, isMoving, rows } from "./builder-edit.js";
import { redo, undo } from "./builder-history.js";

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

function rowOf(target) {
  return target instanceof Element ? target.closest("[data-row]") : null;
}

/** Save the segment, or ask for its name first. */
function save() {
  const name = document.getElementById("name");
  if (name.value.trim()) {
    form.requestSubmit();
  } else {
    document.getElementById("name-asked").hidden = false;
    name.setAttribute("aria-describedby", "name-asked");
    name.focus();
  }
}

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const inside = form.contains(event.target) || event.target === document.body;
  if (command && inside && event.key === "Enter" && !event.repeat && !event.target.closest?.("dialog")) {
    event.preventDefault();
    save();
  }
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
  const command = event.ctrlKey || event.metaKey;
  if (!row) {
    return;
  }
  const act = (todo, value) => {
    event.preventDefault();
    const isHeld = event.repeat && !event.altKey; // moves repeat while the key is down
    if (!isHeld && !isMoving()) {
      edit(todo, row.dataset.row, value);
    }
  };
  if (event.altKey && MOVES[event.key]) {
    act(MOVES[event.key]);
  } else if (command && event.key.toLowerCase() === "d") {
    act("duplicate");
  } else if (event.key === "Enter" && !command && event.target.matches("input, select")) {
    event.preventDefault();
    if (!row.matches(".blank") && !event.target.matches("[data-missing]")) {
      act("add", {});
    }
  } else if (event.key === "Escape" && row.matches(".blank") && rows.querySelectorAll(".condition").length > 1) {
    act("remove");
  } else if (command && (event.key === "Backspace" || event.key === "Delete")) {
    act("remove");
  }
});
