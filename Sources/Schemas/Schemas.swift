// The room Schemas.
