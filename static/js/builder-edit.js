// Changes of the definition: the server makes them and draws the rows anew.
import { focusAfter, isWhereItWas } from "./builder-focus.js";

export const form = document.getElementById("builder");
export const rows = document.getElementById("rows");

const TEXTS = "input[type=text][name], input[type=date], textarea, select[name]";

/** What is written and chosen in the form, by name. */
function contents() {
  return new Map([...rows.querySelectorAll(TEXTS)].map((input) => [input.name, input.value]));
}

// After these, every row is where it was: what was typed and chosen meanwhile is put back.
const STAYS = new Set(["settle", "set", "clear"]);

let drawings = 0;
let waiting = Promise.resolve();
let [pending, moving] = [0, 0]; // changes that are not drawn yet, and those that may move rows

/** Whether rows may be about to move, so that a press would be meant for what is still there. */
export const isMoving = () => moving > 0;

/**
 * Ask for a change: what to do, at which pointer, with which value. Changes happen one after the
 * other, each on the form as it then is. `words` are what a person chose it by. `goesOn`: whether
 * the focus goes to what is missing next; else it stays in the row that it is in.
 */
export function edit(todo, at = "", value = undefined, { words = "", goesOn = false } = {}) {
  const values = { do: todo, at, words };
  if (value !== undefined) {
    values.value = typeof value === "string" ? value : JSON.stringify(value);
  }
  return send(form.dataset.editUrl, values, STAYS.has(todo), goesOn);
}

/** Draw a definition in place of the one in the form. */
export function draw(definition) {
  return send(form.dataset.drawUrl, { definition }, false, false);
}

function send(url, values, stays, goesOn) {
  const origin = document.activeElement?.id ?? "";
  const done = begin(stays);
  waiting = waiting.then(async () => {
    const before = contents();
    let [typed, held] = [new Map(), null];
    const keep = (event) => {
      if (event.detail.target === rows && stays) {
        typed = new Map([...contents()].filter(([name, text]) => before.get(name) !== text));
        held = selection();
      }
    };
    const putBack = (event) => {
      if (rows.contains(event.target)) {
        document.removeEventListener("htmx:afterSwap", putBack);
        drawings += 1;
        done();
        putContentsBack(typed);
        held?.();
        if (isWhereItWas(origin)) {
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
      // Not reached or given up: a toast says so, and the next change is asked for all the same.
    } finally {
      document.removeEventListener("htmx:beforeSwap", keep);
      document.removeEventListener("htmx:afterSwap", putBack);
      done();
    }
  });
  return waiting;
}

/** Mark the rows as busy; the answer is called when they are drawn, or will not be. */
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

function putContentsBack(typed) {
  for (const [name, text] of typed) {
    const input = rows.querySelector(`[name="${CSS.escape(name)}"]`);
    if (input) {
      input.value = text;
      form.dispatchEvent(new Event("input"));
    }
  }
}

/** What is selected in the text one is in; call it to select the same again. */
function selection() {
  const { id, selectionStart, selectionEnd } = document.activeElement;
  if (!id || selectionStart == null) {
    return null;
  }
  return () => document.getElementById(id)?.setSelectionRange(selectionStart, selectionEnd);
}

// A count of rows that are no longer there is not shown.
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.xhr.drawings = drawings;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr, target } = event.detail;
  if (target === rows && xhr.status >= 400) {
    event.detail.shouldSwap = false; // refused: the rows stay as they are, and the page says why
    event.detail.isError = true;
    return;
  }
  const isCount = elt === form || event.detail.requestConfig?.elt === form;
  if (isCount && (xhr.drawings !== drawings || rows.hasAttribute("aria-busy"))) {
    event.detail.shouldSwap = false;
  }
});
