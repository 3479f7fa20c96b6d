// Forms on the page: drawn by form.js, counted when they are seen, submitted, closed.

const displays = []; // {form, host, place, drawing, view_id, opened, result}
let formModule = null;

/** Load the module that draws forms; after a failure the next call tries again. */
function loadFormModule() {
  const address = origin + SETTINGS.form_module;
  if (!formModule) {
    formModule = import(address).catch((error) => {
      formModule = null;
      SETTINGS.form_module += (SETTINGS.form_module.includes("?") ? "&" : "?") + "again";
      throw error;
    });
  }
  return formModule;
}

function slotOf(form) {
  const { kind } = form.content;
  return kind === "embedded" || kind === "banner" ? kind : "dialog";
}

/** Show a form: in `place` if it is embedded, else above the page. Resolves to whether it is. */
function display(form, place) {
  const entry = { form, place, view_id: newUuid(), opened: Date.now(), submissions: {} };
  displays.push(entry); // its slot is taken while the module loads
  entry.result = draw(entry);
  return entry.result;
}

async function draw(entry) {
  const { form, place } = entry;
  try {
    const { renderForm } = await loadFormModule();
    if (!displays.includes(entry)) return false; // the page has changed meanwhile
    entry.host = document.createElement("div");
    (place || document.documentElement).append(entry.host);
    entry.drawing = renderForm(form.content, {
      host: entry.host,
      onSubmit: (answers) => submit(entry, answers),
      onClose: safely(() => noteClosing(entry)),
      onStep: safely((step) => tellPage("step", entry, { step })),
    });
    entry.drawing.open();
    entry.opened = Date.now();
    whenSeen(entry);
    tellPage(slotOf(form) === "embedded" ? "embedOpen" : "open", entry, {});
    return true;
  } catch (error) {
    remove(entry);
    warn(error);
    return false;
  }
}

/** Take a form off the page. That is no closing by the visitor. */
function remove(entry) {
  const at = displays.indexOf(entry);
  if (at >= 0) displays.splice(at, 1);
  if (entry.drawing) entry.drawing.destroy();
  if (entry.host) entry.host.remove();
}

/** The visitor closed a form. */
function noteClosing(entry) {
  changeState((state) => {
    formState(state, entry.form.key).closed = Date.now();
  });
  closedHere[entry.form.key] = true;
  if (slotOf(entry.form) === "dialog") isDialogClosed = true;
  remove(entry);
  tellPage("close", entry, {});
}

/** {closed, submitted} of a form: when the visitor did that last. */
function formState(state, key) {
  if (!isObject(state.forms)) state.forms = {};
  if (!owns(state.forms, key)) state.forms[key] = {};
  return state.forms[key];
}

/** Count a view once the form is really on the screen: half of it, or half of the window. */
function whenSeen(entry) {
  const element = entry.drawing.element.firstElementChild || entry.drawing.element;
  let isSeen = false;
  const count = safely(() => {
    if (document.visibilityState !== "visible" || !displays.includes(entry) || entry.isCounted) return;
    entry.isCounted = true;
    stop();
    deliver("/client/form-views", {
      data: {
        type: "form-view",
        attributes: {
          form_id: entry.form.key, version_id: entry.form.version, view_id: entry.view_id,
          page: location.pathname.slice(0, 2000), device: device(),
        },
      },
    });
  });
  const observer = new IntersectionObserver((entries) => {
    const { intersectionRatio, intersectionRect } = entries[entries.length - 1];
    isSeen = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2;
    if (isSeen) count();
  }, { threshold: [0, 0.25, 0.5, 0.75, 1] });
  const unlisten = listen(document, "visibilitychange", () => isSeen && count());
  function stop() {
    observer.disconnect();
    unlisten();
  }
  observer.observe(element);
}

/** Send answers. Resolves to {ok} or to {errors} by block, as form.js wants it. */
async function submit(entry, { stepId, values, consents, website }) {
  const { form } = entry;
  const { utm, first_utm } = visit();
  // The same answers have the same id, however often they are sent.
  const text = toJson([stepId, values, consents]);
  const submission_id = entry.submissions[text] = entry.submissions[text] || newUuid();
  const attributes = {
    form_id: form.key, version_id: form.version, submission_id, view_id: entry.view_id,
    step_id: stepId, values, consents, language: form.content.language,
    page: pageAddress(), referrer: document.referrer.slice(0, 2000), device: device(),
    anonymous_id: anonymousId(), exchange_id: exchangeId(), utm, first_utm, website,
    elapsed_ms: Date.now() - entry.opened, time: null,
  };
  const body = { data: { type: "form-submission", attributes } };
  const { status, document: answer } = await send("/client/form-submissions", body)
    .catch(() => ({ status: 0, document: null }));
  if (status === 400) return { errors: errorsByBlock(answer) };
  if (isPassing(status) && keepsState()) {
    attributes.time = timestamp();
    keepForLater("/client/form-submissions", body);
    laterBy(safely(emptyOutbox), 30000);
  } else if (status < 200 || status > 299) return { errors: {} };
  noteSubmission(entry, values);
  tellPage("stepSubmit", entry, { step: stepId });
  tellPage("submit", entry, { step: stepId });
  return { ok: true };
}

function errorsByBlock(answer) {
  const errors = {};
  const list = isObject(answer) && Array.isArray(answer.errors) ? answer.errors : [];
  for (const each of list) {
    const pointer = String((each && each.source && each.source.pointer) || "");
    const place = /^\/data\/attributes\/(?:values|consents)\/([^/]+)/.exec(pointer);
    if (place && !owns(errors, place[1])) errors[place[1]] = String(each.detail || "");
  }
  return errors;
}

function noteSubmission({ form }, values) {
  changeState((state) => {
    formState(state, form.key).submitted = Date.now();
  });
  for (const step of form.content.steps) {
    for (const block of step.blocks) {
      const isAddress = block.property === "email" || block.property === "phone_number";
      if (isAddress && owns(values, block.id) && mayKeep()) changeIdentity({ $identified: true });
    }
  }
  sendCachedEvents();
}

/** Klaviyo's event, by which pages follow what happens with forms. */
function tellPage(type, { form }, metaData) {
  const detail = { type, formId: form.key, formVersionId: form.version, metaData };
  window.dispatchEvent(new CustomEvent("klaviyoForms", { detail }));
}
