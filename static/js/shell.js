// Scripts of every page: theme, menus, dialogs, search, messages. Pages also work without them.
import "./theme.js";
import "./menus.js";
import "./dialogs.js";
import "./toasts.js";
import "./palette.js";
import "./copy.js";
import "./forms.js";
import "./unsent.js";
