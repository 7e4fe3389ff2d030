"""Controls: how the portal answers tonight for addresses that name nothing, and whether another answer equals that."""
