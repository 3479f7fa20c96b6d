// The settings of the selected part: typing, choices, buttons, and mistakes at their inputs.
import { draftData, edit, editor, panel, select, type } from "./form-editor-draft.js";

const FIRST = "input:not([type=hidden]), select, textarea";
const PHONE = matchMedia("(width < 48rem)"); // as in form-editor.css
let focusesPanel = false; // after the next drawing
let goal = ""; // pointer of the input that gets the focus then

const inputAt = (pointer) => panel.querySelector(`[data-at="${CSS.escape(pointer)}"]:is(${FIRST})`)
  ?? panel.querySelector(`[data-property="${CSS.escape(pointer)}"]`);

function valueOf(input) {
  if (input.type === "checkbox") {
    return input.checked;
  }
  return input.type === "number" && input.value !== "" ? Number(input.value) : input.value;
}

/** Show a part's settings and put the focus there: at the input of a pointer, else the first. */
export function openPart(selection, pointer = "") {
  [focusesPanel, goal] = [true, pointer];
  showView("panel");
  return select(selection);
}

/** On a phone one part of the editor is shown at a time. */
export function showView(view) {
  if (PHONE.matches && view !== editor.dataset.view) {
    editor.scrollIntoView({ block: "start" }); // the parts are not equally long
  }
  editor.dataset.view = view;
  for (const button of editor.querySelectorAll("[data-shows]")) {
    button.setAttribute("aria-pressed", String(button.dataset.shows === view));
  }
}

panel.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches("[data-at]:is(input:not([type=checkbox]), textarea)")) {
    return;
  }
  type(input.dataset.at, valueOf(input));
  const twin = document.getElementById(input.dataset.twin);
  if (twin && (twin.type !== "color" || /^#[0-9a-f]{6}$/i.test(input.value))) {
    twin.value = input.value;
  }
});

// A choice may change which inputs there are.
panel.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("select[data-at], input[type=checkbox][data-at]")) {
    edit("set", input.dataset.at, valueOf(input));
  } else if (input.matches("[data-image]")) {
    readSize(input);
  }
});

/** Read the size of an image, so that its place is kept while it loads. */
function readSize(input) {
  const pointer = input.dataset.at.replace(/[^/]+$/, "");
  const image = new Image();
  image.addEventListener("load", () => {
    type(`${pointer}width`, image.naturalWidth);
    type(`${pointer}height`, image.naturalHeight);
    edit("set", `${pointer}width`, image.naturalWidth);
  });
  image.src = input.value;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  const link = event.target.closest("[data-goto]");
  const view = event.target.closest("[data-shows]");
  if (button && event.detail < 2) {
    button.closest("details.dropdown")?.removeAttribute("open");
    focusesPanel = button.dataset.do.startsWith("add-");
    if (focusesPanel) {
      showView("panel");
    }
    edit(button.dataset.do, button.dataset.at, button.dataset.value ?? null);
  } else if (link) {
    openPart(link.dataset.select, link.dataset.goto);
  } else if (view) {
    showView(view.dataset.shows);
  }
});

// Escape leads back to the outline.
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) {
    showView("outline");
    document.querySelector("#outline [data-select][aria-pressed=true]")?.focus();
  }
});

/** Tie an input to its hint and to its mistake. */
function describe(input, error) {
  const hint = document.getElementById(`${input.id}-hint`);
  const ids = [hint?.id, error].filter(Boolean).join(" ");
  if (ids) {
    input.setAttribute("aria-describedby", ids);
  } else {
    input.removeAttribute("aria-describedby");
  }
}

function clearMarks() {
  for (const place of panel.querySelectorAll(".error")) {
    place.hidden = true;
    place.textContent = "";
  }
  for (const input of panel.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    describe(input, "");
  }
}

function markProblems() {
  clearMarks();
  for (const problem of document.querySelectorAll("#problems [data-problem]")) {
    const pointer = problem.dataset.problem;
    const input = inputAt(pointer);
    input?.setAttribute("aria-invalid", "true");
    const place = panel.querySelector(`[data-error-at="${CSS.escape(pointer)}"]`)
      ?? input?.closest(".field")?.querySelector(".error");
    if (place) {
      place.textContent = problem.dataset.message;
      place.hidden = false;
      if (input) {
        place.id ||= `${input.id}-error`;
        describe(input, place.id);
      }
    }
  }
}

document.addEventListener("draft:drawn", () => {
  markProblems();
  if (focusesPanel) {
    const input = (goal && inputAt(goal)) || panel.querySelector(`${FIRST}, button:not(header *)`);
    input?.focus();
    if (input?.matches("input:not([type=checkbox]), textarea")) {
      input.select();
    }
  } else if (document.activeElement === document.body && draftData().selection) {
    document.querySelector("#outline [data-select][aria-pressed=true]")?.focus();
  }
  [focusesPanel, goal] = [false, ""];
});
markProblems();
