"""The site: what stands in it, and that nothing of it is elsewhere. `scripts/docs` builds it before."""
