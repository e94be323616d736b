import CEL
import Diagnostics
import Documents
public import Intents
import Manifests
import Schemas

/// Renders units of one environment. One a thread; reuse it, since it owns memory.
///
/// Pure: what comes out depends on the library, the context and the intent alone.
public final class Renderer {
  /// The golden paths it renders with.
  public let library: GoldenPathLibrary
  /// The environment it renders in.
  public let context: RenderContext
  /// Whether a template whose kind is another golden path's is expanded in its place.
  public let expands: Bool

  let rules = RuleEvaluator()
  /// Whether charts stay as they are rendered, for finding out what their patches do.
  var leavesOutPatches = false
  /// Another value in the values of a chart, for finding out what depends on it.
  var chartChange: ChartChange?
  /// What charts were given, by the resource that renders them; nil where it is not asked.
  var chartValues: [Int: Value]?
  /// The way to each object, in the order of rendering; nil where it is not asked.
  var notedChains: [[OriginLink]]?
  private var frames: [RenderFrame] = []

  /// A renderer that has rendered nothing yet.
  public init(library: GoldenPathLibrary, context: RenderContext, expands: Bool = true) {
    self.library = library
    self.context = context
    self.expands = expands
  }

  /// The manifests of an intent: defaults, validation, then resources in dependency order.
  ///
  /// `replaced` is the same intent as it was before the change, for fields that the schema makes
  /// immutable. The findings are `intent/…` where the intent is to blame, `golden-path/…` where the template
  /// is. An intent of an unknown kind gives nothing: `GoldenPathLibrary.findings(about:)` tells.
  public func render(
    _ intent: EffectiveIntent, replacing replaced: EffectiveIntent? = nil
  ) -> RenderedUnit {
    let path = library.path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind)
    let rendering = UnitRendering(renderer: self, intent: intent, replacing: replaced, path: path)
    return rendering.unit()
  }

  /// The evaluator and variables for golden paths at a depth of expansion.
  func frame(_ depth: Int, slotCount: Int) -> RenderFrame {
    while frames.count <= depth { frames.append(RenderFrame(slotCount: slotCount)) }
    if frames[depth].slotCount < slotCount { frames[depth] = RenderFrame(slotCount: slotCount) }
    return frames[depth]
  }
}

/// An evaluator and its variables, which plain paths read without it.
final class RenderFrame {
  let evaluator: Evaluator
  let slots: UnsafeMutablePointer<Value>
  let slotCount: Int
  /// The unit that is rendered, for values that are made when they are first read.
  unowned(unsafe) var rendering: UnitRendering?
  var lazyValues: [LazyValue?]
  /// What evaluates each slot, made when it is first needed.
  var resolvers: [((Evaluator) -> Value)?]

  init(slotCount: Int) {
    self.slotCount = slotCount
    lazyValues = Array(repeating: nil, count: slotCount)
    resolvers = Array(repeating: nil, count: slotCount)
    evaluator = Evaluator(slotCount: slotCount)
    slots = .allocate(capacity: slotCount + 1)
    slots.initialize(repeating: .absent, count: slotCount + 1)
  }

  deinit { slots.deallocate() }

  @inline(__always)
  func set(_ value: Value, slot: Int) {
    slots[slot] = value
    evaluator.set(value, slot: slot)
  }
}
