// Buttons and choices in the rows. A press acts once: a second one, and a key held down, do nothing.
import { edit, form, isMoving, rows } from "./builder-edit.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("#builder [data-do]:not(input)");
  const isFirst = event.detail < 2; // 0 by a key
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

// Every choice is settled by the server, which knows what belongs to it; texts are only counted.
rows.addEventListener("change", (event) => {
  const control = event.target;
  const row = control.closest("[data-row]");
  if (control.matches("[data-sets]")) {
    edit("set", control.dataset.at, control.value);
  } else if (control.matches("[data-kind]")) {
    edit("kind", control.dataset.at, JSON.stringify(control.value));
  } else if (control.matches("select, input[type=checkbox]")) {
    edit("settle", row.dataset.row);
  }
});

// A choice is drawn at once: no need to count for it beforehand.
rows.addEventListener("input", (event) => {
  if (event.target.matches("select, input[type=checkbox], input:not([name])")) {
    event.stopPropagation();
  }
});
