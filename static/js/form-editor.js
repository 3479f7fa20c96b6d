// The editor of a form: changes, typing, the outline, undo, the preview, and publishing.
import "./form-editor-draft.js";
import "./form-editor-panel.js";
import "./form-editor-property.js";
import "./form-editor-outline.js";
import "./form-editor-drag.js";
import "./form-editor-history.js";
import "./form-editor-preview.js";
import "./form-editor-publish.js";
