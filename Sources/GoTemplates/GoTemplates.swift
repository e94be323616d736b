/// The template language of Go, as Helm uses it.
public enum GoTemplates {}
