"""How a segment came to be what it is: growth, the ledger, who was in when."""
