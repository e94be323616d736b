func addReflection(to table: inout FunctionTable) {
  table.add1("typeOf", "a") { _, value in GoValue(typeName(value)) }
  table.add1("kindOf", "a") { _, value in GoValue(kindName(value)) }
  table.add2("typeIs", "sa") { _, name, value in
    .bool(name.asString.map { Array($0.utf8) } == Array(typeName(value).utf8))
  }
  table.add2("typeIsLike", "sa") { _, name, value in
    let (target, type) = (name.asString ?? "", typeName(value))
    return .bool(target == type || "*" + target == type)
  }
  table.add2("kindIs", "sa") { _, name, value in .bool(name.asString == kindName(value)) }
  table.add2("deepEqual", "aa") { _, left, right in .bool(isDeeplyEqual(left, right)) }
}
