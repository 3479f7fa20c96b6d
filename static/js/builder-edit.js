// Changes of the definition: the server makes them and renders the rows.
import { focusAfter, focusMenuOf, isWhereItWas } from "./builder-focus.js";

export const form = document.getElementById("builder");
export const rows = document.getElementById("rows");

const TEXTS = "input[type=text][name], input[type=date], textarea, select[name]";

/** The values of the form, by name. */
function contents() {
  return new Map([...rows.querySelectorAll(TEXTS)].map((input) => [input.name, input.value]));
}

// These keep every row at its place: input made meanwhile is restored.
const STAYS = new Set(["settle", "set", "clear"]);

let drawings = 0;
let waiting = Promise.resolve();
let [pending, moving] = [0, 0]; // changes that are not rendered yet, and those of them that may move rows

/** Whether rows may move soon, so that a press would hit another element. */
export const isMoving = () => moving > 0;

/**
 * Request a change: what to do, at which pointer, with which value. Changes are made one after the
 * other, each on the form's state at that time. `words` are the search words of the choice.
 * `goesOn`: the focus moves to the next missing input; else it stays in its row.
 */
export function edit(todo, at = "", value = undefined, { words = "", goesOn = false } = {}) {
  const values = { do: todo, at, words };
  if (value !== undefined) {
    values.value = typeof value === "string" ? value : JSON.stringify(value);
  }
  return send(form.dataset.editUrl, values, STAYS.has(todo), goesOn);
}

/** Replace the definition in the form by another one. */
export function draw(definition) {
  return send(form.dataset.drawUrl, { definition }, false, false);
}

function send(url, values, stays, goesOn) {
  const origin = document.activeElement?.id ?? "";
  const done = begin(stays);
  waiting = waiting.then(async () => {
    const before = contents();
    let [inputs, restoreSelection] = [new Map(), null];
    const keep = (event) => {
      if (event.detail.target === rows && stays) {
        inputs = new Map([...contents()].filter(([name, text]) => before.get(name) !== text));
        restoreSelection = selection();
      }
    };
    const putBack = (event) => {
      // The ready-made segments below the first row arrive in a request of their own.
      if (event.detail.target === rows && rows.contains(event.target)) {
        document.removeEventListener("htmx:afterSwap", putBack);
        drawings += 1;
        done();
        putContentsBack(inputs);
        restoreSelection?.();
        if (isWhereItWas(origin)) {
          focusMenuOf(origin);
          focusAfter(document.getElementById("definition").dataset.focus, goesOn);
        }
        document.dispatchEvent(new CustomEvent("builder:drawn"));
      }
    };
    document.addEventListener("htmx:beforeSwap", keep);
    document.addEventListener("htmx:afterSwap", putBack);
    try {
      await htmx.ajax("POST", url, { source: rows, target: rows, swap: "innerHTML", values });
    } catch {
      // Failed: a toast says so, and the next change is requested anyway.
    } finally {
      document.removeEventListener("htmx:beforeSwap", keep);
      document.removeEventListener("htmx:afterSwap", putBack);
      done();
    }
  });
  return waiting;
}

/** Mark the rows as busy; call the result when they are rendered, or on failure. */
function begin(stays) {
  let isDone = false;
  const count = (step) => {
    pending += step;
    moving += stays ? 0 : step;
    if (pending) {
      rows.setAttribute("aria-busy", "true");
    } else {
      rows.removeAttribute("aria-busy");
    }
  };
  count(1);
  return () => {
    if (!isDone) {
      isDone = true;
      count(-1);
    }
  };
}

function putContentsBack(inputs) {
  for (const [name, text] of inputs) {
    const input = rows.querySelector(`[name="${CSS.escape(name)}"]`);
    if (input) {
      input.value = text;
      form.dispatchEvent(new Event("input"));
    }
  }
}

/** A function that restores the selection of the focused text input. */
function selection() {
  const { id, selectionStart, selectionEnd } = document.activeElement;
  if (!id || selectionStart == null) {
    return null;
  }
  return () => document.getElementById(id)?.setSelectionRange(selectionStart, selectionEnd);
}

// Ignore counts of rows that have been replaced.
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.xhr.drawings = drawings;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr, target } = event.detail;
  if (target === rows && xhr.status >= 400) {
    event.detail.shouldSwap = false; // rejected: the rows stay as they are, and the page shows the reason
    event.detail.isError = true;
    return;
  }
  const isCount = elt === form || event.detail.requestConfig?.elt === form;
  if (isCount && (xhr.drawings !== drawings || rows.hasAttribute("aria-busy"))) {
    event.detail.shouldSwap = false;
  }
});
