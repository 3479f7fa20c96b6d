// Toasts. say("Saved", "good") adds one; good and informative ones disappear by themselves.

const place = document.getElementById("toasts");
const STAYS = 6_000;
const ICONS = { good: "check", success: "check", info: "info" };

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${place.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

function leave(toast) {
  const wait = () => {
    if (toast.matches(":hover, :focus-within")) {
      setTimeout(wait, STAYS);
    } else {
      toast.remove();
    }
  };
  setTimeout(wait, STAYS);
}

export function say(words, level = "info") {
  if (!place) {
    return;
  }
  const toast = document.createElement("div");
  const text = document.createElement("p");
  const close = document.createElement("button");
  toast.className = `toast ${level}`;
  toast.dataset.toast = "";
  text.textContent = words;
  close.type = "button";
  close.setAttribute("aria-label", place.dataset.close);
  close.append(icon("close"));
  toast.append(icon(ICONS[level] ?? "warning"), text, close);
  place.append(toast);
  if (level in ICONS) {
    leave(toast);
  }
}

place?.addEventListener("click", (event) => {
  if (event.target.closest("button[type=button]")) {
    event.target.closest("[data-toast]").remove();
  }
});

for (const toast of place?.querySelectorAll("[data-toast]:is(.success, .info):not([data-stays])") ?? []) {
  leave(toast);
}

document.addEventListener("htmx:responseError", () => say(place.dataset.failed, "bad"));
document.addEventListener("htmx:sendError", () => say(place.dataset.offline, "bad"));
