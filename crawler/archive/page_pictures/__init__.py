"""Pictures of the pages of attachments: a store beside the archive that may be lost."""
