"""The editor of forms: content with a live preview, versions, languages, targeting, behavior."""
