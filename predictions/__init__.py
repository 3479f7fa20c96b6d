"""What a model expects of people. Never imports segments."""
