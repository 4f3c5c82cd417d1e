"""The endpoints of this service, one a module; the package above offers them by name."""
