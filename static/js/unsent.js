// Unsent changes of a builder when the session ended: this tab stores them until their writer is back.
// Nobody is signed in then, so the server must not accept them.

const PREFIX = "unsent:";
const OF_A_PERSON = ["unsent:", "history:"];
const WRITER = "writer";
const user = document.body.dataset.user ?? "";
const isSignIn = "signIn" in document.body.dataset;

function all() {
  return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
}

/** Store a form's contents for a draft; `isLost` if the server is known not to have them. */
export function storeUnsent(draft, contents, isLost) {
  contents.delete("csrfmiddlewaretoken");
  const entry = { user, isLost, contents: contents.toString() };
  try {
    sessionStorage.setItem(PREFIX + draft, JSON.stringify(entry));
  } catch {
    // Storage is full: the draft stays as it was last saved.
  }
}

/** Pass the contents stored for a draft to `take`, once, if the same person is signed in. */
export function restoreUnsent(draft, take) {
  const entry = JSON.parse(sessionStorage.getItem(PREFIX + draft) ?? "null");
  sessionStorage.removeItem(PREFIX + draft);
  if (entry?.isLost && entry.user === user) {
    take(new URLSearchParams(entry.contents));
  }
}

// A new person in this window must not get data of the person before.
if (user && sessionStorage.getItem(WRITER) !== user) {
  for (const name of Object.keys(sessionStorage)) {
    if (OF_A_PERSON.some((prefix) => name.startsWith(prefix))) {
      sessionStorage.removeItem(name);
    }
  }
  sessionStorage.setItem(WRITER, user);
}

for (const name of all()) {
  const entry = JSON.parse(sessionStorage.getItem(name));
  if (isSignIn) {
    // The person was signed out before the form was accepted.
    sessionStorage.setItem(name, JSON.stringify({ ...entry, isLost: true }));
    document.getElementById("unsent")?.removeAttribute("hidden");
  } else if (user && !entry.isLost) {
    sessionStorage.removeItem(name);
  }
}
