"""The files themselves: what lies in the folder, and every record that can be read of it, in any packing."""
