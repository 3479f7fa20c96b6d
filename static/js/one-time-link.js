// The secret of a one-time link is in the fragment, which browsers do not send. This removes it from
// the address and posts it. Opening another link in the same window changes only the fragment.

const form = document.querySelector("form[data-one-time-link]");

function post() {
  const secret = location.hash.slice(1);
  if (secret) {
    history.replaceState(null, "", location.pathname);
    form.elements.link.value = secret;
    form.requestSubmit();
  }
}

addEventListener("hashchange", post);
post();
