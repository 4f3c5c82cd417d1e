"""What is deterministic about speed: modules loaded, requests sent, pools and TLS contexts made, objects held."""
