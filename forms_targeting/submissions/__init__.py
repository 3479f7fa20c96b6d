"""What visitors submit: the person, consents with proof, the list, the event, confirmations."""
