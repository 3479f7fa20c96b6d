// Draws a form (JSON of `public_content`) into a shadow root. No imports: a shop's page loads this
// file alone, and only when it has a form to show. It knows nothing of the server, of cookies or of
// who the visitor is. Works under a Content-Security-Policy without unsafe-inline.

const MODAL_KINDS = ["popup", "full_page"];
const FLOATING_KINDS = ["flyout", "banner"]; // above the page, which stays usable

const WORDS = {
  en: {
    form: "Form", close: "Close", required: "Please fill this in.", choose: "Please choose",
    email: "Please enter an e-mail address, such as name@example.com.",
    phone: "Please enter a phone number with its country code, such as +46 70 123 45 67.",
    number: "Please enter a number.", date: "Please enter a whole date.",
    consent: "Please check this box to continue.", privacy: "Privacy notice",
    failed: "This could not be sent. Please try again.", thanks: "Thank you!",
    copy: "Copy code", copied: "Copied",
  },
  sv: {
    form: "Formulär", close: "Stäng", required: "Fyll i det här fältet.", choose: "Välj",
    email: "Ange en e-postadress, till exempel namn@example.com.",
    phone: "Ange ett telefonnummer med landskod, till exempel +46 70 123 45 67.",
    number: "Ange ett tal.", date: "Ange ett fullständigt datum.",
    consent: "Kryssa i rutan för att fortsätta.", privacy: "Integritetspolicy",
    failed: "Det gick inte att skicka. Försök igen.", thanks: "Tack!",
    copy: "Kopiera koden", copied: "Kopierad",
  },
  pl: {
    form: "Formularz", close: "Zamknij", required: "Wypełnij to pole.", choose: "Wybierz",
    email: "Podaj adres e-mail, na przykład imie@example.com.",
    phone: "Podaj numer telefonu z numerem kierunkowym kraju, na przykład +48 601 234 567.",
    number: "Podaj liczbę.", date: "Podaj pełną datę.",
    consent: "Zaznacz to pole, aby przejść dalej.", privacy: "Polityka prywatności",
    failed: "Nie udało się wysłać. Spróbuj ponownie.", thanks: "Dziękujemy!",
    copy: "Skopiuj kod", copied: "Skopiowano",
  },
};

// What browsers fill in by themselves.
const AUTOCOMPLETE = {
  email: "email", phone_number: "tel", first_name: "given-name", last_name: "family-name",
  organization: "organization", title: "organization-title", address1: "address-line1",
  address2: "address-line2", city: "address-level2", region: "address-level1",
  country: "country-name", zip: "postal-code",
};

const FONTS = {
  system: "system-ui, sans-serif",
  serif: "ui-serif, Georgia, serif",
  mono: "ui-monospace, Menlo, Consolas, monospace, monospace",
};

// Important rules of a shadow tree win over all rules of the page, important ones too.
const HOST_STYLES = {
  floating: `:host { all: initial !important; display: block !important;
    position: fixed !important; inset: 0 auto auto 0 !important;
    z-index: 2147483647 !important; }`,
  embedded: ":host { all: initial !important; display: block !important; }",
  preview: ":host { display: grid; }",
};

// Sizes are in em of the visitor's own font size, which the page cannot change.
const STYLES = `
*, *::before, *::after { box-sizing: border-box; }
.layer { all: initial; display: none; position: fixed; box-sizing: border-box; margin: 0;
  border: 0; padding: 16px; color: var(--text); font: 400 medium/1.5 var(--font);
  background: transparent; overflow: hidden; pointer-events: none;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
.layer.is-open { display: grid; grid-template-rows: minmax(0, 1fr); }
.layer::backdrop { display: none; }
.panel { position: relative; display: grid; grid-template-rows: minmax(0, 1fr); min-width: 0;
  width: min(var(--width), 100%); max-height: 100%; border-radius: var(--radius);
  background: var(--background); color: var(--text); pointer-events: auto; outline: none;
  box-shadow: 0 12px 48px rgb(0 0 0 / 28%); text-align: start; overflow-wrap: break-word; }
.body { padding: 28px; overflow: auto; overscroll-behavior: contain; border-radius: inherit;
  outline: none; }
form { display: grid; gap: 16px; margin: 0; outline: none; }
.has-close form > :first-child:is(h2, .text) { padding-inline-end: 24px; }
h2, p { margin: 0; }
h2 { outline: none; font-size: 1.5em; line-height: 1.2; font-weight: 700; text-wrap: balance; }
.text { display: grid; gap: .75em; white-space: pre-line; }
.image { display: block; max-width: 100%; height: auto; border-radius: calc(var(--radius) / 2);
  background: var(--shade); }
.image, .coupon { justify-self: center; }
.input { display: grid; gap: 4px; margin: 0; border: 0; padding: 0; min-width: 0; }
label, legend { display: block; padding: 0; font-weight: 600; }
.star { color: var(--error); }
input, select, textarea, button { font: inherit; color: inherit; margin: 0; }
input:not([type=checkbox], [type=radio]), select, textarea { width: 100%; min-height: 46px;
  padding: 10px 12px; border: 1px solid var(--line); border-radius: min(var(--radius), 12px);
  background: var(--background); color: var(--text); font-size: max(16px, 1em); }
textarea { min-height: 92px; resize: vertical; }
::placeholder { color: var(--quiet); opacity: 1; }
.choice { display: grid; grid-template-columns: auto 1fr; gap: 10px; align-items: start;
  padding-block: 4px; }
.choice label { font-weight: 400; white-space: pre-line; }
.choice input { width: 20px; height: 20px; margin-block-start: 2px; accent-color: var(--button); }
.input > a { justify-self: start; padding-block: 2px; }
a { color: inherit; }
.error { color: var(--error); font-size: .9375em; }
[aria-invalid=true]:not([type=checkbox], [type=radio]) { border-color: var(--error);
  border-width: 2px; }
.action { display: block; width: 100%; min-height: 46px; padding: 10px 20px; border: 0;
  border-radius: min(var(--radius), 23px); background: var(--button); color: var(--button-text);
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.action:hover { box-shadow: inset 0 0 0 99px rgb(127 127 127 / 12%); }
.action[aria-busy=true] { cursor: progress; opacity: .7; }
.action.is-quiet { min-height: 32px; padding-block: 4px; background: none; color: inherit;
  font-weight: 400; text-decoration: underline; box-shadow: none; }
.close { position: absolute; z-index: 1; inset-block-start: 6px; inset-inline-end: 6px;
  display: grid; place-items: center; width: 40px; height: 40px; padding: 0; border: 0;
  border-radius: 50%; background: var(--background); color: var(--text); font-size: 28px;
  line-height: 1; cursor: pointer; }
.close:hover { background: var(--shade); }
.close:focus-visible, .action:focus-visible, .body a:focus-visible, input:focus-visible,
select:focus-visible, textarea:focus-visible { outline: 3px solid var(--focus);
  outline-offset: 2px; }
.coupon { display: grid; gap: 8px; justify-items: center; text-align: center; width: 100%; }
.code { padding: 10px 20px; border: 2px dashed var(--line); border-radius: min(var(--radius), 12px);
  font: 700 1.25em/1.3 ui-monospace, Menlo, Consolas, monospace, monospace; letter-spacing: .06em;
  user-select: all; -webkit-user-select: all; }
.trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

[data-kind=popup], [data-kind=full_page] { inset: 0; width: 100%; height: 100%;
  max-width: none; max-height: none; place-items: center; pointer-events: auto; }
[data-kind=popup] { background: rgb(0 0 0 / 55%); }
[data-kind=full_page] { padding: 0; }
[data-kind=full_page] .panel { width: 100%; height: 100%; border-radius: 0; box-shadow: none; }
[data-kind=full_page] .body { display: grid; align-items: safe center;
  padding: 56px max(20px, (100% - var(--width)) / 2); }
[data-kind=flyout] { width: min(var(--width) + 32px, 100%); max-height: 100%; overflow: visible; }
[data-corner^=bottom] { inset-block: auto 0; }
[data-corner^=top] { inset-block: 0 auto; }
[data-corner$=right] { left: auto; right: 0; }
[data-corner$=left] { left: 0; right: auto; }
[data-kind=banner] { left: 0; right: 0; width: 100%; max-width: none; max-height: 60%;
  padding: 0; }
[data-kind=banner] .panel { width: 100%; border-radius: 0; box-shadow: 0 0 24px rgb(0 0 0 / 22%); }
[data-kind=banner] .body { padding: 14px 56px 14px 20px; }
[data-kind=banner] .body:dir(rtl) { padding: 14px 20px 14px 56px; }
[data-kind=banner] form { display: flex; flex-wrap: wrap;
  justify-content: center; align-items: end; gap: 10px 20px; }
[data-kind=banner] form > :is(h2, .text, .image) { align-self: center; }
[data-kind=banner] form > :first-child { padding-inline-end: 0; }
[data-kind=banner] .input { min-width: min(220px, 100%); max-width: 420px; }
[data-kind=banner] .text, [data-kind=banner] h2 { max-width: 640px; }
[data-kind=banner] h2 { font-size: 1.125em; }
[data-kind=banner] .action { width: auto; }
[data-kind=banner] .image { max-height: 72px; width: auto; }
[data-kind=embedded] { position: static; padding: 0; pointer-events: auto; overflow: visible; }
[data-kind=embedded] .panel { box-shadow: none; border: 1px solid var(--shade); }
[data-kind=embedded] .body { overflow: visible; }

.is-preview { position: static; inset: auto; width: 100%; height: auto; min-height: 100%;
  max-height: none; overflow: visible; }
.is-preview .panel { max-height: none; }
.is-preview .body { overflow: visible; }
.is-preview[data-kind=full_page] .panel { height: auto; align-self: stretch; }
.is-preview:is([data-kind=flyout], [data-kind=banner]) { align-items: end; }
.is-preview:is([data-kind=flyout], [data-kind=banner])[data-corner^=top],
.is-preview[data-kind=embedded] { align-items: start; }
.is-preview[data-kind=flyout] { width: 100%; }
.is-preview[data-kind=flyout][data-corner$=right] .panel { margin-left: auto; }
.is-preview[data-kind=flyout][data-corner$=left] .panel { margin-right: auto; }

@media (max-width: 480px) {
  .layer:not([data-kind=full_page], [data-kind=banner], [data-kind=embedded]) { padding: 10px; }
  .body { padding: 22px 18px; }
  [data-kind=flyout] { left: 0; right: 0; width: 100%; }
  [data-kind=banner] .action, [data-kind=banner] .input { width: 100%; max-width: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .layer.is-open:not(.is-preview, [data-kind=embedded]) { animation: appear .18s ease-out; }
  .layer.is-open:not(.is-preview, [data-kind=embedded]) .panel { animation: rise .18s ease-out; }
  @keyframes appear { from { opacity: 0; } }
  @keyframes rise { from { transform: translateY(12px); } }
}
@media (forced-colors: active) {
  .panel, .close, .action { border: 1px solid; }
}
@media print { .layer:not([data-kind=embedded]) { display: none !important; } }
`;

/** Draw a form into `host`; it is hidden until `open()`. See docs/adr/0035. */
export function renderForm(content, options = {}) {
  const { host, onSubmit, onClose, onStep, isPreview = false } = options;
  const words = { ...WORDS.en, ...WORDS[content.language], ...options.texts };
  const { kind, style, steps } = content;
  const isModal = MODAL_KINDS.includes(kind) && !isPreview;
  const isFloating = FLOATING_KINDS.includes(kind) && !isPreview;
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const hostStyle = isPreview ? "preview" : kind === "embedded" ? "embedded" : "floating";
  setStyles(root, HOST_STYLES[hostStyle] + STYLES);

  const body = make("div", { class: "body" });
  const panel = make("div", { class: "panel", dir: "auto", lang: content.language }, body);
  const layer = make(isModal ? "dialog" : "div", {
    class: isPreview ? "layer is-preview" : "layer",
    "data-kind": kind,
    "data-corner": style.corner,
  }, panel);
  setColors(layer, style, isPreview || kind === "embedded" ? host : null);
  panel.tabIndex = -1;
  if (!isModal) layer.setAttribute("role", kind === "embedded" ? "region" : "dialog");
  if (isFloating && layer.showPopover) layer.popover = "manual";
  if (kind !== "embedded") {
    const closer = make("button", { class: "close", type: "button", "aria-label": words.close },
      make("span", { "aria-hidden": "true" }, "\u00d7"));
    closer.addEventListener("click", () => close());
    panel.prepend(closer);
    panel.classList.add("has-close");
  }
  root.replaceChildren(layer);

  const drawings = new Map(); // step id -> its drawing: what was typed stays when one comes back
  let current = null;
  let focusBefore = null;
  let isOpen = false;
  let isBusy = false;
  let isSubmitted = false;

  function goTo(stepId) {
    const step = steps.find((each) => each.id === stepId) ?? steps[0];
    if (!drawings.has(step.id)) drawings.set(step.id, drawStep(step));
    show(drawings.get(step.id));
    onStep?.(step.id);
  }

  function show(drawing) {
    current = drawing;
    body.replaceChildren(drawing.form);
    const heading = drawing.form.querySelector("h2");
    layer.removeAttribute("aria-label");
    layer.removeAttribute("aria-labelledby");
    if (heading) layer.setAttribute("aria-labelledby", (heading.id = "heading"));
    else layer.setAttribute("aria-label", words.form);
    body.scrollTop = 0;
    if (!isOpen || isPreview) return;
    const place = heading ?? drawing.form; // a screen reader reads the next step from here
    place.tabIndex = -1;
    place.focus({ preventScroll: kind !== "embedded" });
  }

  function drawStep(step) {
    const form = make("form", { novalidate: "", tabindex: "-1" });
    const failure = make("p", { class: "error", role: "alert" });
    const inputs = [];
    for (const block of step.blocks) {
      const drawing = (BLOCKS[block.type] ?? drawNothing)(block, words, { close, isPreview });
      if (drawing.input) inputs.push(drawing.input);
      if (drawing.element) form.append(drawing.element);
      if (isPreview && drawing.element) drawing.element.dataset.block = block.id;
      if (block.type === "button" && drawing.element.type === "submit") {
        // Not the form's own event: a frame's sandbox may forbid that. Enter clicks the first one.
        drawing.element.addEventListener("click", (event) => {
          event.preventDefault();
          advance(drawings.get(step.id), block.action);
        });
      }
    }
    const trap = make("input", { name: "website", tabindex: "-1", autocomplete: "off" });
    form.append(make("div", { class: "trap", "aria-hidden": "true" }, trap));
    const first = [...form.children].find((each) => each.matches(".action"));
    form.insertBefore(failure, first ?? null);
    failure.hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    return { step, form, inputs, failure, trap };
  }

  async function advance(drawing, action) {
    if (isBusy) return;
    const problems = drawing.inputs.map((input) => [input, input.problem()]);
    for (const [input, problem] of problems) input.showProblem(problem);
    drawing.failure.hidden = true;
    const wrong = problems.find(([, problem]) => problem);
    if (wrong) return wrong[0].focus();
    if (action === "submit" && !(await submit(drawing))) return;
    const next = nextStep(drawing.step);
    if (next) goTo(next);
    else if (action === "submit") show(drawThanks());
  }

  async function submit(drawing) {
    const buttons = drawing.form.querySelectorAll(".action");
    setBusy(true);
    let answer;
    try {
      const answers = { stepId: drawing.step.id, website: drawing.trap.value, ...allAnswers() };
      answer = onSubmit ? await onSubmit(answers) : { ok: true };
    } catch {
      answer = null;
    }
    setBusy(false);
    if (answer?.ok) return (isSubmitted = true);
    showErrors(drawing, answer?.errors ?? {});
    return false;

    function setBusy(value) {
      isBusy = value;
      for (const button of buttons) button.setAttribute("aria-busy", String(value));
    }
  }

  function showErrors(drawing, errors) {
    const entries = Object.entries(errors);
    for (const each of [drawing, ...drawings.values()]) {
      const places = each.inputs.filter((input) => Object.hasOwn(errors, input.block.id));
      if (!places.length || !places.some((input) => input.focus)) continue;
      if (each !== drawing) goTo(each.step.id);
      for (const input of places) input.showProblem(errors[input.block.id]);
      places.find((input) => input.focus).focus();
      return;
    }
    drawing.failure.textContent = entries.length ? entries[0][1] : words.failed;
    drawing.failure.hidden = false;
  }

  function allAnswers() {
    const values = {}, consents = {};
    for (const { inputs } of drawings.values()) {
      for (const { block, value } of inputs) {
        const answer = value();
        if (block.type === "consent") {
          if (answer) consents[block.id] = true;
        } else if (answer !== null) values[block.id] = answer;
      }
    }
    return { values, consents };
  }

  function nextStep(step) {
    const { values } = allAnswers();
    for (const branch of step.branches ?? []) {
      const answer = values[branch.field] ?? [];
      if ([answer].flat().map(String).includes(branch.value)) return branch.step;
    }
    return steps[steps.indexOf(step) + 1]?.id;
  }

  function drawThanks() {
    const form = make("form", { tabindex: "-1" }, make("h2", {}, words.thanks));
    return { form, inputs: [], step: null };
  }

  function open() {
    if (isOpen) return;
    if (!current) goTo(steps[0].id);
    isOpen = true;
    focusBefore = document.activeElement;
    layer.classList.add("is-open");
    if (isModal) {
      if (layer.showModal) layer.showModal();
      else layer.setAttribute("open", "");
      panel.focus({ preventScroll: true });
    } else if (layer.popover) layer.showPopover();
    document.addEventListener("keydown", closeOnEscape);
  }

  function close() {
    if (!isOpen) return;
    const hasFocus = root.activeElement !== null;
    hide();
    if (hasFocus && !isPreview) focusBefore?.focus?.({ preventScroll: true });
    onClose?.({ isSubmitted });
  }

  function hide() {
    isOpen = false;
    document.removeEventListener("keydown", closeOnEscape);
    layer.classList.remove("is-open");
    if (layer.open) layer.close?.();
    if (layer.popover && layer.matches(":popover-open")) layer.hidePopover();
  }

  function closeOnEscape(event) {
    const closes = isFloating || (isModal && !layer.showModal);
    if (event.key === "Escape" && closes && !event.defaultPrevented) close();
  }

  layer.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  layer.addEventListener("close", close); // where a browser lets no page prevent it
  layer.addEventListener("click", (event) => {
    if (event.target === layer && kind === "popup") close();
  });
  if (isModal) holdScroll(layer, body);
  layer.addEventListener("keydown", (event) => {
    if (isModal) wrapFocus(event, root, panel);
    if (event.key === "Escape") closeOnEscape(event);
  });
  // The page sees our host as the target of these, not the input: its shortcuts would steal letters.
  for (const name of ["keydown", "keypress", "keyup", "input", "focusin"]) {
    layer.addEventListener(name, (event) => event.stopPropagation());
  }

  return {
    element: layer,
    open,
    close,
    goTo,
    destroy() {
      if (isOpen) hide();
      root.replaceChildren();
    },
  };
}

// Blocks: (block, words, form) -> {element, input}.

const BLOCKS = {
  heading: (block) => ({ element: make("h2", {}, block.text) }),
  text: (block) => ({
    element: make("div", { class: "text" },
      ...block.text.split(/\n\s*\n/).map((paragraph) => make("p", {}, paragraph))),
  }),
  image: (block) => ({
    element: make("img", {
      class: "image", src: block.url, alt: block.alt, width: block.width, height: block.height,
      decoding: "async",
    }),
  }),
  field: (block, words) => (INPUTS[block.input] ?? drawText)(block, words),
  consent: drawConsent,
  coupon: drawCoupon,
  button: drawButton,
};

const INPUTS = {
  long_text: (block, words) => drawText(block, words, "textarea"),
  select: drawSelect,
  radio: (block, words) => drawChoices(block, words, "radio"),
  checkboxes: (block, words) => drawChoices(block, words, "checkbox"),
  checkbox: drawCheckbox,
  hidden: (block) => ({
    input: { block, value: () => block.value, problem: () => "", showProblem() {}, focus: null },
  }),
};

const TEXT_TYPES = {
  email: { type: "email", inputmode: "email", autocapitalize: "off", spellcheck: "false" },
  phone: { type: "tel", inputmode: "tel" },
  number: { type: "text", inputmode: "decimal" },
  date: { type: "date" },
};

function drawText(block, words, tag = "input") {
  const attributes = TEXT_TYPES[block.input] ?? (tag === "input" ? { type: "text" } : {});
  const control = make(tag, {
    id: block.id, name: block.property, dir: "auto", maxlength: 5000, ...attributes,
    autocomplete: AUTOCOMPLETE[block.property] ?? "off",
  });
  if (block.placeholder) control.placeholder = block.placeholder;
  return labelled(block, words, control, {
    value() {
      const text = control.value.trim();
      if (!text) return null;
      return block.input === "number" ? toNumber(text) : text;
    },
    problem() {
      if (block.input === "date" && control.validity.badInput) return words.date;
      return textProblem(block.input, control.value.trim(), words);
    },
  });
}

function textProblem(input, text, words) {
  if (!text) return "";
  if (input === "email" && !/^[^\s@,;<>()"]+@[^\s@,;<>()"]+\.[^\s@,;<>()".]{2,}$/.test(text)) {
    return words.email;
  }
  if (input === "phone" && !(/^[+(]?[\d\s().\/-]+$/.test(text) && /(\d\D*){6}/.test(text))) {
    return words.phone;
  }
  return input === "number" && toNumber(text) === null ? words.number : "";
}

function toNumber(text) {
  const plain = text.replace(/[\s\u00a0\u202f']/g, "").replace("\u2212", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
}

function drawSelect(block, words) {
  const control = make("select", {
    id: block.id, name: block.property, autocomplete: AUTOCOMPLETE[block.property] ?? "off",
  }, make("option", { value: "" }, block.placeholder || words.choose), ...block.options.map(
    (option) => make("option", { value: option.value }, option.label)));
  return labelled(block, words, control, { value: () => control.value || null });
}

/** A label above one control, and the place of its error below it. */
function labelled(block, words, control, input) {
  const label = make("label", { for: block.id }, block.label, star(block));
  const element = make("div", { class: "input" }, label, control);
  if (block.is_required) control.required = true;
  return withProblem(block, words, element, [control], input);
}

function drawChoices(block, words, type) {
  const controls = block.options.map((option, index) => make("input", {
    type, name: block.id, value: option.value, id: `${block.id}.${index}`,
  }));
  const element = make("fieldset", { class: "input" },
    make("legend", {}, block.label, star(block)),
    ...controls.map((control, index) => make("div", { class: "choice" }, control,
      make("label", { for: control.id }, block.options[index].label))));
  const values = () => controls.filter((each) => each.checked).map((each) => each.value);
  if (block.is_required && type === "radio") for (const each of controls) each.required = true;
  return withProblem(block, words, element, controls, {
    value: () => (type === "radio" ? values()[0] ?? null : values().length ? values() : null),
  });
}

function drawCheckbox(block, words) {
  const control = make("input", { type: "checkbox", id: block.id });
  const label = make("label", { for: block.id }, block.label, star(block));
  if (block.is_required) control.required = true;
  const element = make("div", { class: "input" }, make("div", { class: "choice" }, control, label));
  return withProblem(block, words, element, [control], {
    value: () => control.checked,
    missing: () => !control.checked,
  });
}

function drawConsent(block, words) {
  const drawing = drawCheckbox({ ...block, label: block.wording }, words);
  if (block.url) {
    const link = make("a", { href: safeUrl(block.url), target: "_blank", rel: "noopener" },
      words.privacy);
    drawing.element.querySelector(".choice").after(link);
  }
  return drawing;
}

/** Complete an input: what is required is checked, and errors are tied to its controls. */
function withProblem(block, words, element, controls, { value, problem, missing }) {
  const id = `${block.id}.error`;
  const place = make("p", { class: "error", id });
  place.hidden = true;
  element.append(place);
  const isMissing = missing ?? (() => value() === null);
  const input = {
    block,
    value,
    problem() {
      const text = problem?.() ?? "";
      if (text || !block.is_required || !isMissing()) return text;
      return block.type === "consent" || block.input === "checkbox" ? words.consent : words.required;
    },
    showProblem(text) {
      place.textContent = text;
      place.hidden = !text;
      for (const control of controls) {
        control.setAttribute("aria-invalid", String(Boolean(text)));
        if (text) control.setAttribute("aria-describedby", id);
        else control.removeAttribute("aria-describedby");
      }
    },
    focus: () => controls[0]?.focus(),
  };
  element.addEventListener("input", () => input.showProblem(""));
  return { element, input };
}

function drawButton(block, _words, { close, isPreview }) {
  const attributes = { class: block.is_quiet ? "action is-quiet" : "action" };
  if (block.action === "link") {
    const link = make("a", { ...attributes, href: safeUrl(block.url) }, block.label);
    if (isPreview) link.addEventListener("click", (event) => event.preventDefault());
    return { element: link };
  }
  const type = block.action === "close" ? "button" : "submit";
  const button = make("button", { ...attributes, type }, block.label);
  if (type === "button") button.addEventListener("click", () => close());
  return { element: button };
}

function drawCoupon(block, words) {
  const code = make("div", { class: "code" }, block.code);
  const copy = make("button", { class: "action is-quiet", type: "button" }, words.copy);
  const status = make("p", { role: "status" });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.code);
      status.textContent = words.copied;
    } catch {
      getSelection()?.selectAllChildren(code); // the visitor copies what is selected
    }
  });
  const text = block.text ? [make("p", {}, block.text)] : [];
  return { element: make("div", { class: "coupon" }, ...text, code, copy, status) };
}

function drawNothing() {
  return {}; // a kind of block that is newer than this file
}

function star(block) {
  return block.is_required ? make("span", { class: "star", "aria-hidden": "true" }, " *") : "";
}

function safeUrl(url) {
  try {
    return /^https?:$/.test(new URL(url, location.href).protocol) ? url : "#";
  } catch {
    return "#";
  }
}

// The page around the form.

/** Tab goes round inside a dialog. */
function wrapFocus(event, root, panel) {
  if (event.key !== "Tab") return;
  const every = panel.querySelectorAll("a[href], button, input, select, textarea");
  const stops = [...every].filter((each) => each.tabIndex >= 0 && each.getClientRects().length)
    .filter((each) => each.type !== "radio" || each.checked
      || !panel.querySelector(`[name="${CSS.escape(each.name)}"]:checked`));
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  const focus = root.activeElement;
  if (focus !== from && !(event.shiftKey && focus && !stops.includes(focus))) return;
  event.preventDefault();
  to?.focus();
}

/** Keep the page from scrolling under a dialog, without touching the page's own styles. */
function holdScroll(layer, body) {
  const hold = (event) => {
    const scrolls = body.scrollHeight > body.clientHeight && event.composedPath().includes(body);
    if (!scrolls && event.cancelable && !event.ctrlKey && !(event.touches?.length > 1)) {
      event.preventDefault();
    }
  };
  layer.addEventListener("wheel", hold, { passive: false });
  layer.addEventListener("touchmove", hold, { passive: false });
}

function setStyles(root, text) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(make("style", {}, text)); // Safari before 16.4
  }
}

/** Set the colors and the font of a form: its own, or those of the page around `place`. */
function setColors(layer, style, place) {
  const around = place?.parentElement ?? document.body;
  const page = style.from_page ? pageColors(around) : null;
  const { background, text, button, buttonText } = page ?? {
    background: style.background, text: style.text,
    button: style.button, buttonText: style.button_text,
  };
  const isDark = luminance(background) < 0.18;
  const shades = {
    background, text, button, "button-text": buttonText,
    error: readable(background, isDark ? "#ffa8a1" : "#b3261e", text),
    focus: contrast(button, background) >= 3 ? button : text,
    line: `color-mix(in srgb, ${text} 62%, ${background})`,
    quiet: `color-mix(in srgb, ${text} 82%, ${background})`,
    shade: `color-mix(in srgb, ${text} 10%, ${background})`,
    font: FONTS[style.font] ?? getComputedStyle(around).fontFamily,
    radius: `${page?.radius ?? style.radius}px`,
    width: `${style.width}px`,
  };
  for (const [name, value] of Object.entries(shades)) layer.style.setProperty(`--${name}`, value);
  layer.style.setProperty("color-scheme", isDark ? "dark" : "light");
}

function pageColors(around) {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (/dark/.test(getComputedStyle(document.documentElement).colorScheme)
      && matchMedia("(prefers-color-scheme: dark)").matches);
  let background = isDark ? "#121212" : "#ffffff";
  for (let each = around; each; each = each.parentElement) {
    const [red, green, blue, alpha] = channels(getComputedStyle(each).backgroundColor);
    if (alpha > 0.9) {
      background = hex(red, green, blue);
      break;
    }
  }
  const ink = hex(...channels(getComputedStyle(around).color));
  const text = readable(background, ink, blackOrWhite(background));
  const colors = { background, text, button: text, buttonText: background };
  for (const each of [...document.querySelectorAll(BUTTONS)].slice(0, 40)) {
    const computed = getComputedStyle(each);
    const [red, green, blue, alpha] = channels(computed.backgroundColor);
    const button = hex(red, green, blue);
    if (alpha < 0.9 || contrast(button, background) < 3) continue;
    const label = hex(...channels(computed.color));
    const radius = Math.min(Number.parseFloat(computed.borderRadius) || 0, 40);
    return {
      ...colors, button, radius, buttonText: readable(button, label, blackOrWhite(button)),
    };
  }
  return colors;
}

const BUTTONS = "button, input[type=submit], a.button, a.btn, .button, .btn, [role=button]";

function blackOrWhite(background) {
  return contrast("#000000", background) >= contrast("#ffffff", background) ? "#000000" : "#ffffff";
}

function readable(background, color, other) {
  return contrast(color, background) >= 4.5 ? color : other;
}

/** Contrast of two colors (WCAG 2.2, "contrast ratio"). */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance of a color (WCAG 2.2, "relative luminance"). */
function luminance(color) {
  const [red, green, blue] = channels(color).slice(0, 3).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** [red, green, blue, alpha] of any CSS color; a canvas reads the unusual ones. */
function channels(color) {
  const digits = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (digits) return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).concat(1);
  const plain = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(color);
  if (plain) return plain.slice(1, 4).map(Number).concat(plain[4] ? Number(plain[4]) : 1);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

function hex(...parts) {
  return `#${parts.slice(0, 3).map((each) => Math.round(each).toString(16).padStart(2, "0")).join("")}`;
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
