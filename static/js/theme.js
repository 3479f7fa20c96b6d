// The person's theme (light or dark): a cookie, which the server writes into <html data-theme>.

const root = document.documentElement;
const YEAR = 31_536_000;

function show(choice) {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-current", String(button.dataset.themeChoice === choice));
  }
}

function choose(choice) {
  if (choice === "system") {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = choice;
  }
  const age = choice === "system" ? 0 : YEAR;
  document.cookie = `theme=${choice}; path=/; max-age=${age}; samesite=lax`;
  show(choice);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (button) {
    choose(button.dataset.themeChoice);
  }
});

show(root.dataset.theme ?? "system");
