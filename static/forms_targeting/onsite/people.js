// identify, track and what belongs to them, with Klaviyo's names.

const IDENTIFIERS = {
  $email: "email", email: "email", $phone_number: "phone_number", phone_number: "phone_number",
  $id: "external_id", external_id: "external_id", $anonymous: "anonymous_id", $kid: "id",
  $exchange_id: "_kx",
};
const ATTRIBUTES = ["first_name", "last_name", "organization", "title", "image", "locale"];
const LOCATION = [
  "address1", "address2", "city", "region", "country", "zip", "timezone", "latitude", "longitude",
];
const PATCHES = { $append: "append", $unappend: "unappend", $unset: "unset" };
const CACHED_EVENTS = 50;
const VIEWED_ITEMS = 10;

/** The data of a profile that `properties` describe, beside the ids that the browser has. */
function profileData(properties) {
  const attributes = { anonymous_id: readIdentity().cid };
  const data = { type: "profile", attributes };
  if (exchangeId()) attributes._kx = exchangeId();
  const others = {};
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    const bare = name.charAt(0) === "$" ? name.slice(1) : name;
    if (owns(IDENTIFIERS, name)) {
      if (value === null || value === undefined || value === "") continue;
      if (name === "$kid") data.id = String(value);
      else attributes[IDENTIFIERS[name]] = String(value).trim();
    } else if (ATTRIBUTES.includes(bare)) attributes[bare] = value;
    else if (LOCATION.includes(bare)) (attributes.location = attributes.location || {})[bare] = value;
    else if (owns(PATCHES, name)) {
      data.meta = data.meta || { patch_properties: {} };
      data.meta.patch_properties[PATCHES[name]] = value;
    } else others[name] = value;
  }
  if (Object.keys(others).length) attributes.properties = others;
  return data;
}

async function identify(properties) {
  const given = isObject(properties) ? properties : {};
  const data = profileData(given);
  const { email, phone_number, external_id } = data.attributes;
  const identifiers = {};
  for (const [name, value] of Object.entries({ email, phone_number, external_id })) {
    if (value) identifiers[name] = value;
  }
  if (Object.keys(identifiers).length) {
    Object.assign(knownHere, identifiers);
    changeIdentity({ $identified: true });
  } else if (data.id || owns(given, "$exchange_id")) changeIdentity({ $identified: true });
  if (owns(given, "$exchange_id") && given.$exchange_id) {
    changeIdentity({ $exchange_id: String(given.$exchange_id) });
  }
  const isKnown = await deliver("/client/profiles", { data });
  if (isIdentified()) await sendCachedEvents();
  return isKnown;
}

/** The data of an event. `time` may be seconds, milliseconds, a date or text. */
function eventData(name, properties) {
  const others = {};
  for (const each of Object.keys(properties)) others[each] = properties[each];
  const attributes = {
    metric: { data: { type: "metric", attributes: { name: String(name) } } },
    profile: { data: profileData(knownHere) },
    properties: others,
    time: timestamp(),
    unique_id: newUuid(),
  };
  const time = timeOf(others.time);
  if (time) {
    attributes.time = time;
    delete others.time;
  }
  if (toNumber(others.$value) !== null) {
    attributes.value = toNumber(others.$value);
    delete others.$value;
  }
  if (others.$event_id !== undefined && others.$event_id !== null) {
    attributes.unique_id = String(others.$event_id);
    delete others.$event_id;
  }
  return { data: { type: "event", attributes } };
}

function timeOf(value) {
  if (value === undefined || value === null || value === "") return null;
  const number = toNumber(value);
  const date = new Date(number === null ? value : number < 1e11 ? number * 1000 : number);
  return isNaN(date) ? null : date.toISOString();
}

async function track(name, properties) {
  if (!name) return false;
  const given = isObject(properties) ? properties : {};
  const cart = cartOfEvent(name, given);
  if (cart !== undefined) setCart(cart);
  return deliver("/client/events", eventData(name, given));
}

/** A page was seen by somebody who is known. */
function trackActivity(isFirstOfVisit) {
  if (!isIdentified()) return;
  const properties = { page: pageAddress(), $is_session_activity: isFirstOfVisit };
  deliver("/client/events", eventData("__activity__", properties));
}

/** Keep an event until the visitor is known. */
function cacheEvent(name, properties) {
  if (!name) return false;
  changeState((state) => {
    const events = Array.isArray(state.events) ? state.events : [];
    const body = eventData(name, isObject(properties) ? properties : {});
    state.events = [...events, body].slice(-CACHED_EVENTS);
  });
  return true;
}

async function sendCachedEvents() {
  if (!isIdentified()) return false;
  let events = [];
  changeState((state) => {
    events = Array.isArray(state.events) ? state.events : [];
    delete state.events;
  });
  for (const body of events) {
    body.data.attributes.profile.data = profileData(knownHere);
    await deliver("/client/events", body);
  }
  return true;
}

/** Remember a product that was looked at; who is known gets the last ones as a property. */
async function trackViewedItem(item) {
  if (!isObject(item)) return false;
  const key = String(item.ItemId ?? item.Url ?? item.Title ?? "");
  let viewed = [];
  changeState((state) => {
    const earlier = Array.isArray(state.viewed) ? state.viewed : [];
    const entry = { ...item, Views: 1, LastViewedDate: Math.floor(Date.now() / 1000) };
    viewed = [entry];
    for (const each of earlier) {
      if (String(each.ItemId ?? each.Url ?? each.Title ?? "") !== key) viewed.push(each);
      else entry.Views = (each.Views || 0) + 1;
    }
    state.viewed = viewed = viewed.slice(0, VIEWED_ITEMS);
  });
  if (!isIdentified()) return true;
  return deliver("/client/profiles", { data: profileData({ ...knownHere, $viewed_items: viewed }) });
}

/** Keys of the segments and lists of live forms that a proven visitor is in. */
async function getGroupMembership() {
  if (!exchangeId()) return [];
  const data = btoa(toJson({ company_id: SETTINGS.site_key, exchange_id: exchangeId() }));
  try {
    const { document } = await send("/forms/api/v4/groups-targeting?data=" + encodeURIComponent(data));
    return isObject(document) && Array.isArray(document.groups) ? document.groups : [];
  } catch {
    return [];
  }
}
