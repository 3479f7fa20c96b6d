// What every page does: theme, menus, dialogs, search, messages. Pages work without it, less nicely.
import "./theme.js";
import "./menus.js";
import "./dialogs.js";
import "./toasts.js";
import "./palette.js";
import "./copy.js";
import "./forms.js";
import "./unsent.js";
