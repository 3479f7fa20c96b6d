// What the script takes from the page before others change it, and how it keeps its own faults away
// from the page. All parts of this folder become one function: see forms_targeting/onsite/script.py.

const nativeFetch = window.fetch;
const isFetchNative = /^function fetch\(\)\s*\{\s*\[native code\]/.test(String(nativeFetch));
const nativeReplaceState = History.prototype.replaceState;
const parseJson = JSON.parse;
const laterBy = window.setTimeout.bind(window);

/** Where the script came from: the same server takes what it sends. */
const origin = (function () {
  let address = document.currentScript && document.currentScript.src;
  if (!address) {
    for (const each of document.querySelectorAll("script[src*='/onsite/js/']")) address = each.src;
  }
  try {
    return new URL(address, location.href).origin;
  } catch {
    return "";
  }
})();

/** Return the function, made so that it never throws into the page. */
function safely(action) {
  return function (...values) {
    try {
      return action.apply(this, values);
    } catch (error) {
      warn(error);
      return undefined;
    }
  };
}

function warn(text) {
  try {
    console.warn("Segmenter:", text);
  } catch {
    // A page without a console.
  }
}

/** Run when the page has nothing to do, after five seconds in any case. */
function whenIdle(action) {
  if (window.requestIdleCallback) window.requestIdleCallback(safely(action), { timeout: 5000 });
  else laterBy(safely(action), 200);
}

/** Return a function that runs `action` once, `milliseconds` after its last call. */
function debounced(action, milliseconds) {
  let timer = 0;
  return function () {
    clearTimeout(timer);
    timer = laterBy(safely(action), milliseconds);
  };
}

function newUuid() {
  if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
  const random = () => (window.crypto ? crypto.getRandomValues(new Uint8Array(1))[0] : Math.random() * 256);
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ ((random() & 15) >> (digit / 4))).toString(16));
}

function isObject(value) {
  return value !== null && typeof value === "object";
}

function owns(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

function timestamp() {
  return new Date().toISOString();
}

const ESCAPES = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** JSON in ASCII. Own code: pages replace JSON.stringify and give arrays a toJSON of theirs. */
function toJson(value, depth) {
  const level = depth || 0;
  if (typeof value === "string") {
    return '"' + value.replace(/[^ !#-[\]-~]/g, (character) =>
      ESCAPES[character] || "\\u" + ("000" + character.charCodeAt(0).toString(16)).slice(-4)) + '"';
  }
  if (typeof value === "number") return isFinite(value) ? String(value) : "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return toJson(String(value));
  if (!isObject(value) || level > 12) return "null";
  if (value instanceof Date) return isNaN(value) ? "null" : toJson(value.toISOString());
  let text = "";
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) text += (at ? "," : "") + toJson(value[at], level + 1);
    return "[" + text + "]";
  }
  for (const name of Object.keys(value)) {
    const type = typeof value[name];
    if (type === "undefined" || type === "function" || type === "symbol") continue;
    text += (text ? "," : "") + toJson(name) + ":" + toJson(value[name], level + 1);
  }
  return "{" + text + "}";
}
