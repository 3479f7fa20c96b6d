// The preview: the form as the shop's page draws it, in the language and at the step being edited.
import { renderForm } from "../forms_targeting/form.js";
import { draftData, select } from "./form-editor-draft.js";

const host = document.getElementById("preview-host");
const page = document.getElementById("preview-page");
const stale = document.getElementById("preview-stale");
let form = null;
let content = ""; // JSON of what is drawn
let step = "";

function show() {
  const { previews, draft, language, step: selected } = draftData();
  const contents = JSON.parse(previews);
  const main = JSON.parse(draft).language;
  const next = contents[language] ?? contents[main];
  stale.hidden = Boolean(next);
  if (!next) {
    return;
  }
  step = selected || step;
  const text = JSON.stringify(next);
  if (text === content) {
    form.goTo(step);
  } else {
    render(next);
    content = text;
  }
}

function render(next) {
  form?.destroy();
  form = renderForm(next, {
    host,
    isPreview: true,
    onSubmit: async () => ({ ok: true }),
    onClose: () => setTimeout(() => render(next)),
    onStep: (id) => {
      step = id;
    },
  });
  const known = next.steps.some((each) => each.id === step);
  step = known ? step : next.steps[0].id;
  form.open();
  form.goTo(step);
}

document.getElementById("preview").addEventListener("click", (event) => {
  const button = event.target.closest("[data-width], [data-backdrop]");
  if (!button || button === page) {
    return;
  }
  const name = "width" in button.dataset ? "width" : "backdrop";
  page.dataset[name] = button.dataset[name];
  for (const other of button.parentElement.children) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  if (name === "backdrop" && content) {
    render(JSON.parse(content)); // colors of the page are read again
  }
});

// A click on a block shows its settings; buttons and inputs do what they do for visitors.
host.addEventListener("click", (event) => {
  const path = event.composedPath();
  const block = path.find((each) => each.dataset?.block);
  const acts = path.some((each) => each.matches?.("button, a, input, select, textarea"));
  if (block && !acts && `block:${block.dataset.block}` !== draftData().selection) {
    select(`block:${block.dataset.block}`);
  }
});

document.addEventListener("draft:drawn", show);
show();
