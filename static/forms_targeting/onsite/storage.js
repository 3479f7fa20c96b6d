// What is kept in the visitor's browser, and whether anything may be: one cookie that says who the
// visitor is, one entry of localStorage for the rest. Where nothing may be kept, memory serves until
// the page is left.

const COOKIE = "__kla_id";
const OFF_COOKIE = "__kla_off";
const STATE = "__kla_state";
const COOKIE_DAYS = 730;
const VISIT_MINUTES = 30; // after so long without a page a new visit begins

const refusesTracking = navigator.globalPrivacyControl === true
  || navigator.doNotTrack === "1" || window.doNotTrack === "1";
let consent = null; // what the page said: true, false, or nothing so far
let cookieDomain = "";
let memoryState = null;
let memoryIdentity = null;

/** Whether the browser may keep anything, and events may be sent. */
function mayKeep() {
  if (refusesTracking || consent === false || readCookie(OFF_COOKIE)) return false;
  if (!SETTINGS.needs_consent || consent) return true;
  return consent === null && readState().consent === true; // agreed on an earlier page
}

/** Whether what the page says waits for the visitor's consent. */
function waitsForConsent() {
  return SETTINGS.needs_consent && consent === null && !refusesTracking && !mayKeep();
}

function readCookie(name) {
  try {
    for (const pair of document.cookie.split("; ")) {
      if (pair.slice(0, name.length + 1) === name + "=") return pair.slice(name.length + 1);
    }
  } catch {
    // A sandboxed frame.
  }
  return "";
}

function writeCookie(name, text, days, domain) {
  try {
    document.cookie = name + "=" + text + "; path=/; max-age=" + days * 86400 + "; SameSite=Lax"
      + (domain ? "; domain=" + domain : "") + (location.protocol === "https:" ? "; Secure" : "");
  } catch {
    // A sandboxed frame.
  }
}

function readStorage() {
  try {
    return parseJson(localStorage.getItem(STATE) || "null");
  } catch {
    return null; // blocked, or not ours
  }
}

/** {visit, forms, first_utm, outbox, viewed, consent}: always a fresh object. */
function readState() {
  const state = memoryState || readStorage();
  return isObject(state) && !Array.isArray(state) ? state : {};
}

/** Change the state; other tabs may have changed it since it was last read. */
function changeState(change) {
  const state = readState();
  change(state);
  memoryState = null;
  try {
    if (!mayKeep()) throw state;
    localStorage.setItem(STATE, toJson(state));
  } catch {
    memoryState = state;
  }
}

/** Whether what is kept survives this page. */
function keepsState() {
  return mayKeep() && memoryState === null;
}

/** {cid, $exchange_id, $identified, $referrer, $last_referrer}, as in Klaviyo's cookie. */
function readIdentity() {
  if (!memoryIdentity) {
    let identity = null;
    try {
      if (mayKeep()) identity = parseJson(atob(decodeURIComponent(readCookie(COOKIE))));
    } catch {
      // No cookie, or not ours.
    }
    memoryIdentity = isObject(identity) && !Array.isArray(identity) ? identity : {};
    if (typeof memoryIdentity.cid !== "string") memoryIdentity.cid = newUuid();
  }
  return memoryIdentity;
}

function changeIdentity(changes) {
  Object.assign(readIdentity(), changes);
  if (mayKeep()) writeCookie(COOKIE, btoa(toJson(readIdentity())), COOKIE_DAYS, cookieDomain);
}

function setCookieDomain(domain) {
  const name = String(domain || "");
  if (name === cookieDomain || /[;\s]/.test(name)) return;
  readIdentity();
  writeCookie(COOKIE, "", 0, cookieDomain);
  cookieDomain = name;
  changeIdentity({});
}

/** Take note that the visitor agreed, or did not: then all that was kept is deleted. */
function setConsent(agreed) {
  consent = agreed;
  if (agreed) {
    writeCookie(OFF_COOKIE, "", 0, cookieDomain);
    changeState((state) => { state.consent = true; });
    changeIdentity({});
    return;
  }
  memoryState = memoryIdentity = null;
  for (const domain of [cookieDomain, ""]) writeCookie(COOKIE, "", 0, domain);
  try {
    localStorage.removeItem(STATE);
  } catch {
    // Blocked.
  }
  // Where nothing is kept without consent, the refusal needs no note either.
  if (!SETTINGS.needs_consent) writeCookie(OFF_COOKIE, "1", COOKIE_DAYS, cookieDomain);
}
