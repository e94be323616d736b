/// A Helm chart: its metadata, values, templates and dependencies.
public struct Chart {}
