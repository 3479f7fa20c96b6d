// Who the visitor is as far as the browser knows, and the visit: its pages, its campaign, its cart.

const UTM = ["source", "medium", "campaign", "term", "content"];
let signedToken = null; // the function by which the shop tells who is signed in
const knownHere = {}; // identifiers that the page itself told
let cartHere = null; // the cart that the page itself told

/** The token that proves who the visitor is, or null: it comes in links of e-mails. */
function exchangeId() {
  return (mayKeep() && readIdentity().$exchange_id) || null;
}

function anonymousId() {
  return mayKeep() ? readIdentity().cid : null;
}

function isIdentified() {
  const { $exchange_id, $identified } = readIdentity();
  return mayKeep() && Boolean($exchange_id || $identified);
}

/** Take the token out of the address, where it would be copied, shared and logged. */
function takeToken() {
  const token = /[?&]_kx=([^&#]*)/.exec(location.search);
  if (!token) return;
  const search = location.search.replace(/([?&])_kx=[^&]*&?/g, "$1").replace(/[?&]$/, "");
  // The browser's own function: a router that wraps it must not take this for a change of pages.
  nativeReplaceState.call(history, history.state, "", location.pathname + search + location.hash);
  let text = "";
  try {
    text = decodeURIComponent(token[1]);
  } catch {
    return; // Not a token.
  }
  if (/^[\w.=-]{20,2000}$/.test(text) && (mayKeep() || waitsForConsent())) {
    readIdentity().$exchange_id = text;
    changeIdentity({});
  }
}

/** The address of this page without the token. */
function pageAddress() {
  return location.href.replace(/([?&])_kx=[^&#]*&?/g, "$1").slice(0, 4000);
}

function utmOfAddress() {
  const utm = {};
  for (const name of UTM) {
    const match = new RegExp("[?&]utm_" + name + "=([^&#]*)").exec(location.search);
    try {
      const text = match && decodeURIComponent(match[1].replace(/\+/g, " "));
      if (text) utm[name] = text.slice(0, 300);
    } catch {
      // Not well encoded.
    }
  }
  return Object.keys(utm).length ? utm : null;
}

/** Count a page; return whether it is the first of the visit. */
function countPage() {
  const now = Date.now();
  let isFirst = false;
  changeState((state) => {
    const visit = state.visit;
    const isOver = !isObject(visit) || !(Math.abs(now - visit.at) < VISIT_MINUTES * 60000);
    isFirst = isOver;
    state.visit = isOver
      ? { pages: 0, utm: {}, referrer: document.referrer.slice(0, 2000), cart: cartHere } : visit;
    state.visit.at = now;
    state.visit.pages += 1;
    const utm = utmOfAddress();
    if (utm) {
      state.visit.utm = utm;
      if (!isObject(state.first_utm)) state.first_utm = utm;
    }
  });
  const identity = readIdentity();
  if (isFirst && mayKeep()) {
    const touch = { ts: Math.floor(now / 1000), value: document.referrer.slice(0, 300),
      first_page: pageAddress().slice(0, 300) };
    changeIdentity({ $referrer: identity.$referrer || touch, $last_referrer: touch });
  }
  return isFirst;
}

function visit() {
  const state = readState();
  const { pages = 1, utm = {}, referrer = "", cart = null } = state.visit || {};
  return { pages, utm, referrer, cart, first_utm: state.first_utm || {} };
}

/** Keep the cart that the page told: {value, items: [{id, name, quantity, value}]}, or nothing. */
function keepCart(cart) {
  const lines = isObject(cart) && Array.isArray(cart.items) ? cart.items.slice(0, 100) : [];
  const items = [];
  for (const line of lines) {
    if (!isObject(line)) continue;
    items.push({
      id: String(line.id ?? "").slice(0, 300), name: String(line.name ?? "").slice(0, 300),
      quantity: toNumber(line.quantity) ?? 1, value: toNumber(line.value) ?? 0,
    });
  }
  cartHere = isObject(cart) ? { value: toNumber(cart.value) ?? 0, items } : null;
  changeState((state) => {
    state.visit = isObject(state.visit) ? state.visit : {};
    state.visit.cart = cartHere;
  });
}

/** The cart that an event tells, in the properties that shops send to Klaviyo; undefined: none. */
function cartOfEvent(name, properties) {
  if (name === "Placed Order") return null;
  if (name !== "Added to Cart" && name !== "Started Checkout") return undefined;
  const items = [];
  for (const item of Array.isArray(properties.Items) ? properties.Items : []) {
    if (!isObject(item)) continue;
    items.push({
      id: item.ProductID ?? item.ProductId ?? item.SKU, name: item.ProductName ?? item.Name,
      quantity: item.Quantity, value: item.RowTotal ?? item.ItemPrice,
    });
  }
  return { value: properties.$value ?? properties.value, items };
}

function toNumber(value) {
  const number = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof number === "number" && isFinite(number) ? number : null;
}

function device() {
  const agent = navigator.userAgent;
  const isTablet = /iPad|Tablet|PlayBook|Silk|Android(?!.*Mobile)/.test(agent)
    || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  if (isTablet) return "tablet";
  return /Mobi|iPhone|iPod|Android/.test(agent) ? "phone" : "desktop";
}

/** What the shop's server signed about who is signed in, or null. */
async function readSignedToken() {
  if (!signedToken || !mayKeep()) return null;
  try {
    const late = new Promise((done) => laterBy(done, 3000, null));
    const token = await Promise.race([signedToken(), late]);
    return typeof token === "string" && token.length < 4000 ? token : null;
  } catch {
    return null;
  }
}
