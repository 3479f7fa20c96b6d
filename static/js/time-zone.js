// A select of time zones (data-browser-zone) begins with the browser's own, unless one was chosen.

const select = document.querySelector("select[data-browser-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && !select.closest("form").querySelector(".error")) {
  const option = [...select.options].find((one) => one.value === zone);
  if (option) {
    option.selected = true;
  }
}
