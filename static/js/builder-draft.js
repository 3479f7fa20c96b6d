// The draft behind the page: its address, the way back to it, and what the server does not have yet.
import { form, rows } from "./builder-edit.js";
import { handOver, keepUnsent } from "./unsent.js";

const { address, draft, previewUrl, editUrl, drawUrl } = form.dataset;
const WRITES = new Set([previewUrl, editUrl, drawUrl]);

let unsent = 0; // changes since the last answer
let leaving = false;

/** From the first change on, Back and reload lead to the draft. */
function showAddress() {
  if (location.pathname + location.search !== address) {
    history.replaceState(null, "", address);
  }
}

/** Who signed in again in another window has another token by now. */
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
  showAddress(); // the answer to a form that was sent: reload would send it again
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

// Signed out: the page goes to the sign-in and comes back; what is written here comes with it.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh")) {
    leaving = true;
    keepUnsent(draft, contents(), true);
  }
});
form.addEventListener("submit", (event) => {
  if (rows.hasAttribute("aria-busy")) {
    event.preventDefault(); // a change is on its way: what is sent must hold it
    const { submitter } = event;
    document.addEventListener("builder:drawn", () => form.requestSubmit(submitter), { once: true });
    return;
  }
  leaving = true;
  form.elements.csrfmiddlewaretoken.value = token();
  keepUnsent(draft, contents(), false);
});

// A change that was refused leaves the rows as they are and says why above them.
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

// What the browser kept in memory is older than the draft.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});

handOver(draft, async (written) => {
  written.set("csrfmiddlewaretoken", token());
  const answer = await fetch(previewUrl, { method: "POST", body: written });
  if (answer.ok) {
    leaving = true;
    location.replace(address);
  }
});
