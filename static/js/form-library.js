// Small previews of ready-made forms, drawn as the shop's page draws them.
import { renderForm } from "../forms_targeting/form.js";

for (const host of document.querySelectorAll("[data-content]")) {
  renderForm(JSON.parse(host.dataset.content), { host, isPreview: true }).open();
}
