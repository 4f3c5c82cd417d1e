"""Real exchanges with a Waldur MasterMind 7.0.7, put through the SDK's readers."""
