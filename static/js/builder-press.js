// Buttons and choices in the rows. Double clicks and key repeats act only once.
import { edit, form, isMoving, rows } from "./builder-edit.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("#builder [data-do]:not(input)");
  const isFirst = event.detail < 2; // 0 from the keyboard
  if (button && isFirst && !isMoving()) {
    button.closest("details.dropdown")?.removeAttribute("open");
    edit(button.dataset.do, button.dataset.at, button.dataset.value, { goesOn: true });
  }
});

form.addEventListener(
  "keydown",
  (event) => {
    const isHeld = event.repeat && event.key === "Enter";
    if (isHeld && rows.contains(event.target) && !event.target.matches("textarea")) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);

// After a choice from an open list the focus goes on. Arrows in a closed one go through the choices.
let steps = false;
rows.addEventListener("pointerdown", () => {
  steps = false;
});
rows.addEventListener("keydown", (event) => {
  steps = !["Enter", " "].includes(event.key) && !event.altKey;
});

// The server processes every choice, which may change other fields; texts only update counts.
rows.addEventListener("change", (event) => {
  const control = event.target;
  const row = control.closest("[data-row]");
  const how = { goesOn: !steps };
  if (control.matches("[data-sets]")) {
    edit("set", control.dataset.at, control.value, how);
  } else if (control.matches("[data-kind]")) {
    edit("kind", control.dataset.at, JSON.stringify(control.value), how);
  } else if (control.matches("select")) {
    edit("settle", row.dataset.row, undefined, how);
  } else if (control.matches("input[type=checkbox]")) {
    edit("settle", row.dataset.row);
  }
});

// A choice renders the rows, counts included: no separate count.
rows.addEventListener("input", (event) => {
  if (event.target.matches("select, input[type=checkbox], input:not([name])")) {
    event.stopPropagation();
  }
});
