// What a form waits for on a page. Each trigger: (values, happened) -> a function that stops waiting.
// All listeners are passive: they never hold the page up.

const SCROLL_UP_PIXELS = 350; // so far up within SCROLL_UP_MS: on a phone the sign of leaving
const SCROLL_UP_MS = 500;
const customListeners = {}; // name -> functions
let customNames = {}; // triggers that the page has set off since it was opened

const TRIGGERS = {
  at_once(_values, happened) {
    happened();
  },
  delay({ seconds }, happened) {
    const timer = laterBy(happened, seconds * 1000);
    return () => clearTimeout(timer);
  },
  scroll({ share }, happened) {
    return listen(document, "scroll", (event) => {
      const area = event.target === document ? document.scrollingElement : event.target;
      if (!area || area.clientHeight < innerHeight * 0.6) return; // a list or a text box
      const most = area.scrollHeight - area.clientHeight;
      if (most > 0 && (area.scrollTop / most) * 100 >= Math.min(share, 99)) happened();
    });
  },
  pages({ count }, happened) {
    if (visit().pages >= count) happened();
  },
  exit(_values, happened) {
    const stops = [
      listen(document, "mouseout", (event) => {
        if (!event.relatedTarget && event.clientY <= 0) happened();
      }),
      listen(window, "scroll", watchScrollUp(happened)),
    ];
    return () => stops.forEach((stop) => stop());
  },
  inactivity({ seconds }, happened) {
    let timer = 0;
    const restart = () => {
      clearTimeout(timer);
      timer = laterBy(happened, seconds * 1000);
    };
    const names = ["pointermove", "pointerdown", "keydown", "scroll", "touchstart", "wheel"];
    const stops = names.map((name) => listen(window, name, restart));
    restart();
    return () => {
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  },
  custom({ name }, happened) {
    if (owns(customNames, name)) return happened();
    const listeners = owns(customListeners, name) ? customListeners[name] : [];
    customListeners[name] = [...listeners, happened];
    return () => {
      customListeners[name] = customListeners[name].filter((each) => each !== happened);
    };
  },
};

function listen(target, name, action) {
  const options = { capture: true, passive: true };
  const safe = safely(action);
  target.addEventListener(name, safe, options);
  return () => target.removeEventListener(name, safe, options);
}

/** Fast scrolling up with a finger; with a mouse the pointer tells. */
function watchScrollUp(happened) {
  const isTouch = window.matchMedia && matchMedia("(hover: none)").matches;
  let from = scrollY;
  let since = Date.now();
  return () => {
    const now = Date.now();
    if (scrollY > from || now - since > SCROLL_UP_MS) {
      from = scrollY;
      since = now;
    } else if (isTouch && from - scrollY > SCROLL_UP_PIXELS) happened();
  };
}

/** Call `ready` once any or all of a form's triggers have happened; return what stops it. */
function arm(behavior, ready) {
  const triggers = behavior.triggers.filter((each) => isObject(each) && owns(TRIGGERS, each.trigger));
  const happened = triggers.map(() => false);
  const stops = [];
  let isDone = false;
  const stop = () => {
    isDone = true;
    for (const each of stops.splice(0)) each();
  };
  triggers.forEach((trigger, index) => {
    if (isDone) return;
    const end = TRIGGERS[trigger.trigger](trigger, safely(() => {
      happened[index] = true;
      if (isDone || (behavior.match === "all" && happened.some((each) => !each))) return;
      stop();
      ready();
    }));
    if (end) stops.push(end);
  });
  if (isDone) stop();
  return stop;
}

/** The page says that something happened. */
function setOff(name) {
  const text = String(name);
  customNames[text] = true;
  const listeners = owns(customListeners, text) ? customListeners[text] : [];
  for (const happened of [...listeners]) happened();
}
