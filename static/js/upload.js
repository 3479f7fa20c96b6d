// Sends a form with a file and shows its progress. Without scripts it is an ordinary form.

function tell(form, text) {
  const banner = form.querySelector("[data-error]");
  banner.querySelector("div").textContent = text;
  banner.hidden = !text;
  if (text) {
    banner.scrollIntoView({ block: "nearest" });
  }
}

function busy(form, yes) {
  form.querySelector("[data-progress]").hidden = !yes;
  const button = form.querySelector("button.primary");
  button.disabled = yes;
  button.setAttribute("aria-busy", yes);
}

function send(form) {
  const request = new XMLHttpRequest();
  const bar = form.querySelector("progress");
  const percent = form.querySelector("[data-percent]");
  request.upload.addEventListener("progress", (event) => {
    bar.value = event.loaded / event.total;
    percent.textContent = `${Math.floor(100 * bar.value)} %`;
    if (event.loaded === event.total) {
      bar.removeAttribute("value");
    }
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    busy(form, false);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const message = page.querySelector("[data-upload] [data-error] div");
    tell(form, message ? message.textContent.trim() : form.dataset.broken);
  });
  request.addEventListener("error", () => {
    busy(form, false);
    tell(form, form.dataset.broken);
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(form, "");
    const [file] = form.querySelector("input[type=file]").files;
    if (file && file.size > Number(form.dataset.most)) {
      tell(form, form.dataset.tooLarge);
      return;
    }
    busy(form, true);
    send(form);
  });
}
