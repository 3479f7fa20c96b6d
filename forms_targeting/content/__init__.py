"""What a form says: steps of blocks, its look, its languages. Pure: no database, no HTTP."""
