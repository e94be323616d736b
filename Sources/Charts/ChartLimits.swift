/// What a chart may weigh. Charts are written by strangers.
public enum ChartLimits {
  /// Bytes of one file (Helm 3.17: `MaxDecompressedFileSize`).
  public static let fileByteCount = 5 << 20
  /// Bytes of all files of a chart with its subcharts (Helm 3.17: `MaxDecompressedChartSize`).
  public static let chartByteCount = 100 << 20
  /// Files of a chart with its subcharts.
  public static let fileCount = 20_000
  /// How deep charts may stand in `charts/` of charts.
  public static let chartDepth = 32
  /// Maps and lists inside each other in values.
  public static let valueDepth = 100
}
