// What was written in a builder when the session ended: this tab keeps it until its writer is back.
// Nobody is signed in then, so the server must not take it.

const PREFIX = "unsent:";
const OF_A_PERSON = ["unsent:", "history:"];
const WRITER = "writer";
const user = document.body.dataset.user ?? "";
const isSignIn = "signIn" in document.body.dataset;

function all() {
  return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
}

/** Keep a form's contents for a draft; `isLost` if it is known that the server did not take it. */
export function keepUnsent(draft, contents, isLost) {
  contents.delete("csrfmiddlewaretoken");
  const kept = { user, isLost, contents: contents.toString() };
  try {
    sessionStorage.setItem(PREFIX + draft, JSON.stringify(kept));
  } catch {
    // No room: the draft is as it was last written.
  }
}

/** Give what was kept for a draft, once, to whoever wrote it. */
export function handOver(draft, take) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + draft) ?? "null");
  sessionStorage.removeItem(PREFIX + draft);
  if (kept?.isLost && kept.user === user) {
    take(new URLSearchParams(kept.contents));
  }
}

// Whoever signs in in this window begins with nothing of the person before.
if (user && sessionStorage.getItem(WRITER) !== user) {
  for (const name of Object.keys(sessionStorage)) {
    if (OF_A_PERSON.some((prefix) => name.startsWith(prefix))) {
      sessionStorage.removeItem(name);
    }
  }
  sessionStorage.setItem(WRITER, user);
}

for (const name of all()) {
  const kept = JSON.parse(sessionStorage.getItem(name));
  if (isSignIn) {
    // Whoever sent a form and stands here was signed out, and nobody took it.
    sessionStorage.setItem(name, JSON.stringify({ ...kept, isLost: true }));
    document.getElementById("unsent")?.removeAttribute("hidden");
  } else if (user && !kept.isLost) {
    sessionStorage.removeItem(name);
  }
}
