// Beside the rows: the panel on phones, people of a count, Venn diagrams, marks at fields.
import { form, rows } from "./builder-edit.js";
import { inputOf } from "./builder-focus.js";

const aside = document.getElementById("aside");
const people = document.getElementById("people");

function showPanel(open) {
  aside.classList.toggle("open", open);
  document.getElementById("outlook-toggle")?.setAttribute("aria-expanded", String(open));
}

async function showPeople(at) {
  await htmx.ajax("POST", form.dataset.peopleUrl, {
    source: rows,
    target: people,
    swap: "innerHTML",
    values: { at },
  });
  if (people.childElementCount) {
    people.showModal();
  }
}

document.addEventListener("click", (event) => {
  const count = event.target.closest("[data-people]");
  const missing = event.target.closest("[data-goto]");
  if (event.target.closest("#outlook-toggle")) {
    showPanel(!aside.classList.contains("open"));
  } else if (count && form.contains(count)) {
    people.replaceChildren();
    showPeople(count.dataset.people);
  } else if (missing) {
    inputOf(missing.dataset.goto)?.focus();
  }
});

// Venn diagrams of AND and OR are requested when they are opened.
rows.addEventListener(
  "toggle",
  (event) => {
    const joint = event.target.closest("[data-join]");
    if (joint?.open) {
      htmx.ajax("POST", form.dataset.joinUrl, {
        source: joint,
        target: joint.querySelector(".circles"),
        swap: "innerHTML",
        values: { at: joint.dataset.join },
      });
    }
  },
  true,
);

function mark() {
  for (const input of rows.querySelectorAll("[data-missing], [aria-invalid]")) {
    input.removeAttribute("data-missing");
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const missing of rows.querySelectorAll("[data-goto]")) {
    inputOf(missing.dataset.goto)?.setAttribute("data-missing", "");
  }
  for (const problem of rows.querySelectorAll("[data-problem]")) {
    const input = inputOf(problem.dataset.problem);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", problem.id);
  }
}

document.addEventListener("builder:drawn", mark);
document.addEventListener("htmx:afterRequest", () => {
  mark();
  showPanel(aside.classList.contains("open"));
});
mark();
