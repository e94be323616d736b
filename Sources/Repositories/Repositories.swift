// The room Repositories.
