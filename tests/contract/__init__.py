"""What a client that knows only the contract's page relies on, sentence by sentence."""
