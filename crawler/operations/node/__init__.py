"""A machine as a node of a fleet: its portals planned here, their nights run from its queue on the server."""
