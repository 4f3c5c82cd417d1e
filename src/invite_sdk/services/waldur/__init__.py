"""Waldur MasterMind: `/api/user-invitations/`, from release 7.0.7 to those of 2026."""

from invite_sdk.services.waldur.connection import Waldur

__all__ = ["Waldur"]
