"""What a newcomer meets does what it says: the README, docs/, examples/ and the demo."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
