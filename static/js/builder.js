// The builder's page: edits, boxes with suggestions, keys, dragging, undo, and the panel.
import "./builder-edit.js";
import "./builder-press.js";
import "./builder-count.js";
import "./builder-advice.js";
import "./builder-combobox.js";
import "./builder-history.js";
import "./builder-keys.js";
import "./builder-drag.js";
import "./builder-panel.js";
import "./builder-tags.js";
import "./builder-draft.js";
import "./builder-missing.js";
import "./builder-sentence.js";
