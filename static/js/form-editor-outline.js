// The outline: a click shows a part, Enter opens its settings, arrows go through the rows;
// Alt+arrows move a row, Ctrl/Cmd+D doubles it, Delete removes it.
import { draftData, edit, editor, select } from "./form-editor-draft.js";
import { openPart, showView } from "./form-editor-panel.js";

const outline = document.getElementById("outline");
const languages = document.getElementById("languages");
let part = "look"; // what was selected before a language

outline.addEventListener("click", (event) => {
  const row = event.target.closest("[data-select]");
  if (!row) {
    return;
  }
  if (event.detail === 0) {
    openPart(row.dataset.select); // from the keyboard
  } else {
    showView("panel");
    select(row.dataset.select);
  }
});

languages.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-select]");
  if (!tab) {
    return;
  }
  if (!draftData().language) {
    part = draftData().selection;
  }
  select(tab.dataset.select === "main" ? part : tab.dataset.select);
});

outline.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const place = event.target.closest("[data-row]")?.dataset.row;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.target.closest("details")) {
    return;
  }
  if (event.altKey && step && place) {
    edit(step > 0 ? "down" : "up", place);
  } else if (step && !event.altKey) {
    const rows = [...outline.querySelectorAll(".outline-row")];
    rows[rows.indexOf(event.target) + step]?.focus();
  } else if (command && event.key.toLowerCase() === "d" && place) {
    edit("duplicate", place);
  } else if (event.key === "Delete" && place) {
    document.activeElement.blur(); // the row goes; the focus goes to the one selected then
    edit("remove", place);
  } else {
    return;
  }
  event.preventDefault();
});

document.addEventListener("draft:drawn", () => {
  editor.classList.toggle("in-language", Boolean(draftData().language));
});
editor.classList.toggle("in-language", Boolean(draftData().language));
