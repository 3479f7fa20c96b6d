"""Which forms a visit shows, who the visitor is, and the live forms of a site."""
