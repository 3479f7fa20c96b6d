// Pages: the first one, those of a single-page app, and those that come back from the back/forward
// cache. history is not patched: other scripts do that, and routers break.

let route = "";
let address = "";
const POLL_MILLISECONDS = 1000;

/** The page of an app: its path, and its hash if that is a path. */
function routeOfAddress() {
  return location.pathname + (/^#!?\//.test(location.hash) ? location.hash : "");
}

function addressOfPage() {
  return routeOfAddress() + location.search;
}

/** A page is seen: count it, tell it, ask for its forms. */
function startPage() {
  route = routeOfAddress();
  address = addressOfPage();
  isDialogClosed = false;
  closedHere = {};
  customNames = {};
  trackActivity(countPage());
  decide();
}

const checkAddress = debounced(() => {
  if (addressOfPage() === address) return;
  safely(takeToken)();
  if (routeOfAddress() !== route) startPage();
  else if (addressOfPage() !== address) {
    address = addressOfPage();
    decide();
  }
}, 250);

function watchPages() {
  listen(window, "popstate", checkAddress);
  listen(window, "hashchange", checkAddress);
  listen(window, "pageshow", (event) => {
    if (event.persisted) startPage();
  });
  listen(window, "online", emptyOutbox);
  if (window.Navigation && window.navigation instanceof Navigation) {
    listen(navigation, "currententrychange", checkAddress);
  } else {
    setInterval(() => {
      if (addressOfPage() !== address) checkAddress();
    }, POLL_MILLISECONDS);
  }
}
