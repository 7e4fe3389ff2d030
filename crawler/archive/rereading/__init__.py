"""A held revision that an older reader read: when it must be read again, and what another reading of it changes."""
