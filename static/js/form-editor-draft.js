// The draft of the page, and changes of it: the server makes them, saves them and draws the page.
// One request at a time: each starts from the draft of the answer before.

export const editor = document.getElementById("editor");
export const panel = document.getElementById("panel");

const { changeUrl, token } = editor.dataset;
const STORED = `history:form-${editor.dataset.name}`;
const WAIT = 250;

let typed = new Map(); // pointer to value, not sent yet
let timer = 0;
let waiting = Promise.resolve();
let requests = 0;

/** The data of the draft as the last answer has it. */
export const draftData = () => document.getElementById("draft").dataset;

export const isSaved = () => draftData().state === "saved" && !typed.size && !requests;

/** Note a value that is being typed; it is sent when the typing pauses. */
export function type(pointer, value) {
  typed.set(pointer, value);
  clearTimeout(timer);
  timer = setTimeout(flush, WAIT);
}

/** Send what was typed. Resolves when every change so far is answered. */
export function flush() {
  return typed.size ? send({ typing: "yes" }) : waiting;
}

/** Change the draft: what to do (`EDITS` of the server), at which pointer, with which value. */
export function edit(todo, at, value = null) {
  return send({ do: todo, at, value: JSON.stringify(value) });
}

/** Show the settings of another part. */
export const select = (selection) => send({ selection });

/** Put another draft in the place of this one. */
export const draw = (draft, selection) => send({ draft, selection });

/** Overwrite what somebody else saved meanwhile. */
export const overwrite = () => send({ over: "yes" });

function send(values) {
  clearTimeout(timer);
  requests += 1;
  editor.setAttribute("aria-busy", "true");
  waiting = waiting.then(async () => {
    const sets = typed;
    typed = new Map();
    const { draft, updated, selection } = draftData();
    const body = { draft, updated, selection, sets: JSON.stringify([...sets]), ...values };
    let status = 0;
    const note = (event) => {
      status = event.detail.xhr.status;
    };
    editor.addEventListener("htmx:beforeOnLoad", note);
    try {
      await htmx.ajax("POST", changeUrl, {
        source: editor, target: "#draft", swap: "outerHTML", values: body,
      });
    } catch {
      // Not reached: a toast says so.
    }
    editor.removeEventListener("htmx:beforeOnLoad", note);
    if (!status || status >= 500) {
      typed = new Map([...sets, ...typed]); // sent again with the next change
    }
    requests -= 1;
    if (!requests) {
      editor.removeAttribute("aria-busy");
    }
    storeUnsaved();
    document.dispatchEvent(new CustomEvent("draft:drawn", { detail: { isTyped: "typing" in values } }));
  });
  return waiting;
}

/** What cannot be saved yet stays in this tab. */
function storeUnsaved() {
  const { draft, updated, state } = draftData();
  try {
    if (state === "saved") {
      sessionStorage.removeItem(STORED);
    } else {
      sessionStorage.setItem(STORED, JSON.stringify({ draft, updated }));
    }
  } catch {
    // Storage is full: what is not saved is lost with the tab.
  }
}

function restoreUnsaved() {
  const entry = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
  const { draft, updated, selection } = draftData();
  if (entry?.updated === updated && entry.draft !== draft) {
    draw(entry.draft, selection);
  } else {
    sessionStorage.removeItem(STORED);
  }
}

// Inputs that were drawn anew while somebody typed get the text back.
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const [pointer, value] of typed) {
    const input = panel.querySelector(`[data-at="${CSS.escape(pointer)}"]:not([type=checkbox])`);
    if (input && input.value !== value) {
      input.value = value;
    }
  }
});

window.addEventListener("pagehide", () => {
  if (typed.size) {
    const { draft, updated, selection } = draftData();
    const body = new URLSearchParams({
      draft, updated, selection, sets: JSON.stringify([...typed]), csrfmiddlewaretoken: token,
    });
    fetch(changeUrl, { method: "POST", body, keepalive: true }).catch(() => {});
  }
});

// A page from the back/forward cache is older than the draft.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-over]")) {
    overwrite();
  } else if (event.target.closest("[data-discards]")) {
    sessionStorage.removeItem(STORED);
  }
});

restoreUnsaved();
