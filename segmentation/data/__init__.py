"""Before any model: reading, generating, describing and preprocessing customers."""
