// Asks the server which forms this visit shows, and shows them: by their triggers, not too often,
// one dialog at a time.

let forms = []; // of the last answer, by priority: {key, version, content, behavior, isReady, stop}
let requests = 0;
let closedHere = {}; // keys of forms that the visitor closed on this page
let isDialogClosed = false; // then the next dialog waits for the next page
let tellFirstAnswer;
const firstAnswer = new Promise((done) => { tellFirstAnswer = done; });
const RETRY_SECONDS = 20;

async function decide(isRetry) {
  const number = ++requests;
  const jwt = await readSignedToken();
  const { utm, referrer, cart } = visit();
  const body = {
    data: {
      type: "form-decision",
      attributes: {
        exchange_id: exchangeId(), jwt, anonymous_id: anonymousId(), url: pageAddress(), referrer,
        languages: languages(),
        device: device(), utm, cart,
      },
    },
  };
  const answer = await send("/client/form-decisions", body).catch(() => null);
  if (number !== requests) return; // the page has changed meanwhile
  const data = answer && answer.status === 200 && isObject(answer.document) && answer.document.data;
  if (!Array.isArray(data)) {
    const isLater = !answer || isPassing(answer.status);
    if (isLater && !isRetry) laterBy(() => number === requests && decide(true), RETRY_SECONDS * 1000);
    tellFirstAnswer();
    return;
  }
  show(data.map(readForm).filter(Boolean));
  tellFirstAnswer();
  emptyOutbox();
}

/** The visitor's languages, the most wanted first. */
function languages() {
  const tags = navigator.languages || [navigator.language];
  return [...tags].slice(0, 10).map((tag) => String(tag).slice(0, 35));
}

function readForm(record) {
  const attributes = isObject(record) && record.attributes;
  if (!isObject(attributes)) return null;
  const { version_id, content, behavior } = attributes;
  if (!isObject(content) || !Array.isArray(content.steps) || !content.steps.length) return null;
  if (!isObject(behavior) || !Array.isArray(behavior.triggers)) return null;
  return { key: String(record.id), version: version_id, content, behavior, isReady: false };
}

/** Replace the forms of the page. What is open and still fits stays open. */
function show(newForms) {
  stopForms();
  forms = newForms;
  for (const entry of [...displays]) {
    const fits = forms.some((form) => form.key === entry.form.key);
    if (!fits || (entry.host && !entry.host.isConnected)) remove(entry);
  }
  for (const form of forms) {
    if (isResting(form) || (slotOf(form) !== "embedded" && isDisplayed(form))) continue;
    form.stop = arm(form.behavior, () => {
      form.isReady = true;
      showReady();
    });
  }
  if (forms.some((form) => form.stop)) loadFormModule().catch(warn);
  watchPlaces();
}

function stopForms() {
  for (const form of forms) if (form.stop) form.stop();
}

function isDisplayed(form) {
  return displays.some((entry) => entry.form.key === form.key);
}

function isClosedHere(form) {
  return owns(closedHere, form.key);
}

/** Whether a form keeps away: it was closed lately, or submitted. */
function isResting({ key, behavior }) {
  const { closed = 0, submitted = 0 } = formState(readState(), key);
  if (submitted && behavior.stops_after_submit) return true;
  const days = behavior.again_after_days;
  return Boolean(closed) && days > 0 && Date.now() - closed < days * 86400000;
}

const showReady = debounced(() => {
  for (const slot of ["dialog", "banner"]) {
    if (displays.some((entry) => slotOf(entry.form) === slot)) continue;
    if (slot === "dialog" && isDialogClosed) continue;
    const form = forms.find((each) => each.isReady && slotOf(each) === slot && !isClosedHere(each));
    if (form) display(form);
  }
  placeEmbedded();
}, 0);

/** Put embedded forms that are ready into their places, those that came later too. */
function placeEmbedded() {
  for (const form of forms) {
    if (!form.isReady || slotOf(form) !== "embedded" || isClosedHere(form)) continue;
    for (const place of placesOf(form)) {
      if (!displays.some((entry) => entry.place === place)) display(form, place);
    }
  }
}

function placesOf({ key, behavior }) {
  const places = [...document.getElementsByClassName("klaviyo-form-" + key)];
  if (places.length || !behavior.selector) return places;
  try {
    const place = document.querySelector(behavior.selector);
    return place ? [place] : [];
  } catch {
    return []; // no selector
  }
}

let placeObserver = null;

function watchPlaces() {
  const isNeeded = forms.some((form) => slotOf(form) === "embedded");
  if (placeObserver) placeObserver.disconnect();
  if (!isNeeded) return;
  const check = debounced(() => {
    for (const entry of [...displays]) {
      if (entry.place && entry.host && !entry.host.isConnected) remove(entry);
    }
    placeEmbedded();
  }, 100);
  placeObserver = placeObserver || new MutationObserver(check);
  placeObserver.observe(document.documentElement, { childList: true, subtree: true });
}

/** Show a form of this page at once, whatever it waits for; resolves to whether it is shown. */
async function openForm(key) {
  await firstAnswer;
  const form = forms.find((each) => each.key === String(key));
  if (!form) {
    warn("No form " + key + " is to be shown to this visitor on this page.");
    return false;
  }
  if (form.stop) form.stop();
  if (slotOf(form) === "embedded") {
    form.isReady = true;
    placeEmbedded();
  }
  const present = displays.find((entry) => entry.form.key === form.key);
  if (present) return present.result;
  if (slotOf(form) === "embedded") return false; // the page has no place for it
  for (const entry of [...displays]) if (slotOf(entry.form) === slotOf(form)) remove(entry);
  return display(form);
}
