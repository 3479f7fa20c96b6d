// The draft of the page: its address, CSRF tokens, and changes that the server does not have yet.
import { form, rows } from "./builder-edit.js";
import { restoreUnsent, storeUnsent } from "./unsent.js";

const { address, draft, previewUrl, editUrl, drawUrl } = form.dataset;
const WRITES = new Set([previewUrl, editUrl, drawUrl]);

let unsent = 0; // changes since the last answer
let leaving = false;

/** Put the address of the draft into the URL, so that Back and reload open it. */
function showAddress() {
  if (location.pathname + location.search !== address) {
    history.replaceState(null, "", address);
  }
}

/** The CSRF token of the cookie: a sign-in in another window changes it. */
function token() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith(`${form.dataset.tokenCookie}=`));
  return cookie?.split("=")[1] ?? form.elements.csrfmiddlewaretoken.value;
}

function contents() {
  const data = new FormData(form);
  data.set("csrfmiddlewaretoken", token());
  return new URLSearchParams(data);
}

if (form.dataset.isAnswer) {
  showAddress(); // the answer to a POST: reload would send it again
}

form.addEventListener("input", () => {
  unsent += 1;
  showAddress();
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
  if (event.detail.verb === "post") {
    event.detail.parameters.csrfmiddlewaretoken = token();
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const { path } = event.detail.requestConfig;
  if (WRITES.has(path)) {
    unsent += 1;
    event.detail.xhr.changes = unsent;
    showAddress();
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.xhr.changes === unsent) {
    unsent = 0;
  }
});

// Signed out: the page goes to the sign-in and returns; unsent changes are stored meanwhile.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh")) {
    leaving = true;
    storeUnsent(draft, contents(), true);
  }
});
form.addEventListener("submit", (event) => {
  if (rows.hasAttribute("aria-busy")) {
    event.preventDefault(); // the form must contain the pending change
    const { submitter } = event;
    document.addEventListener("builder:drawn", () => form.requestSubmit(submitter), { once: true });
    return;
  }
  leaving = true;
  form.elements.csrfmiddlewaretoken.value = token();
  storeUnsent(draft, contents(), false);
});

// A rejected change leaves the rows as they are; the reason is shown above them.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

window.addEventListener("pagehide", () => {
  if (unsent && !leaving) {
    fetch(previewUrl, { method: "POST", body: contents(), keepalive: true }).catch(() => {});
  }
});

// A page from the back/forward cache is older than the draft.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});

restoreUnsent(draft, async (contentsOfWriter) => {
  contentsOfWriter.set("csrfmiddlewaretoken", token());
  const answer = await fetch(previewUrl, { method: "POST", body: contentsOfWriter });
  if (answer.ok) {
    leaving = true;
    location.replace(address);
  }
});
