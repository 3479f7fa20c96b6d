// Requests to our server, and the outbox: what could not be sent is kept and sent later. Everything
// that is sent has an id made here, so that the server counts it once.

const OUTBOX_ENTRIES = 50;
const OUTBOX_DAYS = 7;

/** Resolve to {status, document}; reject if there was no answer. */
function send(path, body, { seconds = 15 } = {}) {
  const address = origin + path + (path.includes("?") ? "&" : "?") + "company_id=" + SETTINGS.site_key;
  const text = body === undefined ? null : toJson(body);
  return byFetch(address, text, seconds).catch((error) => {
    if (isFetchNative || error.isFinal) throw error;
    return byXhr(address, text, seconds); // the page has a fetch of its own, which may be broken
  });
}

async function byFetch(address, text, seconds) {
  const abort = new AbortController();
  const timer = laterBy(() => abort.abort(), seconds * 1000);
  try {
    const response = await nativeFetch.call(window, address, {
      method: text === null ? "GET" : "POST", body: text, mode: "cors", credentials: "omit",
      headers: text === null ? {} : { "Content-Type": "application/json" },
      keepalive: text !== null && text.length < 60000, // it survives the end of the page
      signal: abort.signal,
    });
    return { status: response.status, document: readDocument(await response.text()) };
  } catch (error) {
    throw { isFinal: abort.signal.aborted || navigator.onLine === false, error };
  } finally {
    clearTimeout(timer);
  }
}

function byXhr(address, text, seconds) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(text === null ? "GET" : "POST", address);
    request.timeout = seconds * 1000;
    if (text !== null) request.setRequestHeader("Content-Type", "application/json");
    request.onload = () => done({
      status: request.status, document: readDocument(request.responseText),
    });
    request.onerror = request.ontimeout = request.onabort = fail;
    request.send(text);
  });
}

function readDocument(text) {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Whether a request should be made again later: no answer, an overload, a server that restarts. */
function isPassing(status) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** Send what needs no answer; keep it if that fails. Resolves to whether the server has it. */
async function deliver(path, body) {
  const status = await statusOf(path, body);
  if (isPassing(status)) keepForLater(path, body);
  return status >= 200 && status < 300;
}

async function statusOf(path, body) {
  try {
    return (await send(path, body)).status;
  } catch {
    return 0;
  }
}

function keepForLater(path, body) {
  changeState((state) => {
    const entries = Array.isArray(state.outbox) ? state.outbox : [];
    state.outbox = [...entries, { path, body, at: Date.now() }].slice(-OUTBOX_ENTRIES);
  });
}

let isEmptying = false;

/** Send what was kept, one after the other; stop at the first that fails again. */
async function emptyOutbox() {
  if (isEmptying || navigator.onLine === false) return;
  isEmptying = true;
  try {
    for (let left = OUTBOX_ENTRIES; left > 0; left--) {
      const entry = (readState().outbox || [])[0];
      if (!isObject(entry)) break;
      const isOld = !(Math.abs(Date.now() - entry.at) < OUTBOX_DAYS * 86400000);
      if (!isOld && isPassing(await statusOf(entry.path, entry.body))) break;
      const text = toJson(entry);
      changeState((state) => {
        const entries = [];
        for (const each of state.outbox || []) if (toJson(each) !== text) entries.push(each);
        state.outbox = entries;
      });
    }
  } finally {
    isEmptying = false;
  }
}
