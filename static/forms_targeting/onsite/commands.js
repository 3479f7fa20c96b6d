// What pages call: klaviyo.identify(...), _learnq.push(["track", ...]) and so on. Each command can
// be called before the script is there, returns a promise, and takes a callback as its last value.

let tellStart;
const start = new Promise((done) => { tellStart = done; });
let waiting = []; // commands that wait for the visitor's consent
let isStarted = false;

/** Set the cart of the page, by which forms are chosen. */
function setCart(cart) {
  const before = toJson(visit().cart);
  keepCart(cart);
  if (isStarted && toJson(visit().cart) !== before) decideSoon();
  return true;
}

const decideSoon = debounced(() => decide(), 300);

/** Run what keeps or sends something about the visitor only if that may be. */
function ifAllowed(action) {
  return (...values) => {
    if (mayKeep()) return action(...values);
    if (!waitsForConsent()) return false;
    return new Promise((done) => {
      waiting = [...waiting, (isAllowed) => done(isAllowed && action(...values))].slice(-100);
    });
  };
}

function consentCommand(agreed) {
  if (typeof agreed !== "boolean") {
    warn("setConsent takes true or false.");
    return false;
  }
  const was = mayKeep();
  setConsent(agreed);
  const commands = waiting;
  waiting = [];
  for (const run of commands) run(mayKeep());
  if (isStarted && was !== mayKeep()) decideSoon();
  return mayKeep();
}

const COMMANDS = {
  account(key) {
    if (key && key !== SETTINGS.site_key) warn("This script is that of " + SETTINGS.site_key + ".");
    return SETTINGS.site_key;
  },
  cookieDomain(domain) {
    setCookieDomain(domain);
    return true;
  },
  identify: ifAllowed(identify),
  track: ifAllowed(track),
  trackViewedItem: ifAllowed(trackViewedItem),
  cacheEvent: ifAllowed(cacheEvent),
  sendCachedEvents: ifAllowed(sendCachedEvents),
  isIdentified,
  getGroupMembership,
  setJWTProvider(provider) {
    signedToken = typeof provider === "function" ? provider : null;
    if (isStarted) decideSoon();
    return true;
  },
  openForm,
  trigger(name) {
    setOff(name);
    return true;
  },
  setCart,
  setConsent: consentCommand,
};

function command(name) {
  return function (...values) {
    const least = name === "setJWTProvider" ? 1 : 0; // its first value is a function, too
    const hasCallback = values.length > least && typeof values[values.length - 1] === "function";
    const callback = hasCallback ? values.pop() : null;
    const result = start.then(() => COMMANDS[name](...values)).catch((error) => {
      warn(error);
      return false;
    });
    if (callback) result.then(safely((value) => callback(value)));
    return result;
  };
}

const api = {};
for (const name of Object.keys(COMMANDS)) api[name] = command(name);

/** Take entries as `push` gets them: ["track", "Viewed Product", {...}], or functions. */
api.push = safely((...entries) => {
  for (const entry of entries) {
    if (typeof entry === "function") {
      start.then(safely(() => entry(api)));
      continue;
    }
    if (!isObject(entry) || typeof entry[0] !== "string") continue;
    const name = entry[0].replace(/^_/, "");
    if (owns(COMMANDS, name)) api[name](...Array.prototype.slice.call(entry, 1));
    else warn("There is no command " + entry[0] + ".");
  }
  return entries.length;
});

/** Make a queue of the page an entrance to our commands, with what it holds already. */
function adoptQueue(queue) {
  const entries = Array.isArray(queue) ? queue.splice(0) : [];
  const adopted = Array.isArray(queue) ? queue : [];
  adopted.push = api.push;
  for (const entry of entries) api.push(entry);
  return adopted;
}

function begin() {
  if (isStarted) return;
  isStarted = true;
  safely(takeToken)();
  tellStart();
  laterBy(safely(() => { // after the commands that were queued
    watchPages();
    startPage();
    emptyOutbox();
  }), 0);
}

safely(() => {
  if (window.__segmenterOnsite) {
    if (window.__segmenterOnsite !== SETTINGS.site_key) warn("The script of another site runs here.");
    return;
  }
  window.__segmenterOnsite = SETTINGS.site_key;
  const early = window.klaviyo;
  window._klOnsite = adoptQueue(window._klOnsite);
  window._learnq = adoptQueue(window._learnq);
  if (Array.isArray(early)) adoptQueue(early);
  window.klaviyo = api;
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", () => whenIdle(begin), { once: true });
  } else whenIdle(begin);
  listen(window, "pagehide", begin); // what was queued is sent before the page ends
})();
