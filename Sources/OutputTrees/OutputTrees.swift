// The room OutputTrees.
