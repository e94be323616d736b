// The room GoldenPaths.
