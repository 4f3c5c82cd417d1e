"""Names the world that the behaviour suite runs over, and the document that its fake is held against."""

from pathlib import Path

from github_world import GitHubWorld

from invite_sdk.testing.suite import run_over

run_over({"github": GitHubWorld}, documents={"github": Path(__file__).parents[1] / "openapi" / "github.yaml"})
