// The text field above the rows: puts what was read from a sentence into the builder.
import { draw } from "./builder-edit.js";

const field = document.getElementById("sentence");
const text = document.getElementById("sentence-text");
const reading = document.getElementById("sentence-reading");
let isEntered = false; // Enter was pressed before the text was read

/** The groups of the definition on the page in which something was chosen. */
function groups() {
  const definition = JSON.parse(document.getElementById("definition").dataset.json);
  return (definition.condition_groups ?? []).filter((group) =>
    group.conditions?.some((member) => Object.keys(member ?? {}).length > 0),
  );
}

async function put(button) {
  const definition = JSON.parse(button.dataset.definition);
  if (button.dataset.sentence === "add") {
    definition.condition_groups.unshift(...groups());
  }
  text.value = "";
  reading.replaceChildren();
  await draw(JSON.stringify(definition));
  document.querySelector("#rows .condition :is(select, input:not([type=hidden]), button)")?.focus();
}

/** Hide the second way while there is nothing to add to. */
function showAdd() {
  const add = reading.querySelector("[data-sentence=add]");
  if (add) {
    add.hidden = groups().length === 0;
  }
}

field?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sentence=use], [data-sentence=add]");
  if (button) {
    put(button);
  }
});

/** Take what was understood whole; else ask the assistant, if there is one. */
function enter() {
  isEntered = false;
  const isPartial = reading.querySelector("mark") !== null;
  const way = isPartial ? "ask" : groups().length > 0 ? "add" : "use";
  reading.querySelector(`[data-sentence=${way}]`)?.click();
}

const isRead = () => reading.querySelector("[data-text]")?.dataset.text === text.value;

text?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    isEntered = true;
    if (isRead()) {
      enter();
    }
  } else if (event.key === "Escape") {
    text.value = "";
    reading.replaceChildren();
  }
});

// What was read goes away with a press anywhere else, and comes back with the field.
document.addEventListener("pointerdown", (event) => {
  if (field && !field.contains(event.target)) {
    reading.hidden = true;
  }
});
text?.addEventListener("focus", () => {
  reading.hidden = false;
});

reading?.addEventListener("htmx:afterSwap", () => {
  showAdd();
  if (isEntered && isRead()) {
    enter();
  }
});
