// The room Regexes.
