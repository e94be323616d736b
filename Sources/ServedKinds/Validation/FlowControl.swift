import Documents
import Quantities

private let distinguishers: [StaticString] = ["ByNamespace", "ByUser"]
private let verbs: [StaticString] = [
  "get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy",
]
private let urlVerbs: [StaticString] = [
  "get", "head", "post", "put", "patch", "delete", "trace", "options", "connect",
]
private let subjectKinds: [(StaticString, StaticString)] = [
  ("User", "user"), ("Group", "group"), ("ServiceAccount", "serviceAccount"),
]

/// What the API server asks of FlowSchema and PriorityLevelConfiguration (flowcontrol
/// `validation.go`).
extension ObjectValidation {
  mutating func flowSchema(_ object: Value) {
    field("spec", of: object) { validation, spec in
      let precedence = spec["matchingPrecedence"].intOrZero
      if !(1...10000).contains(precedence) {
        validation.report(
          "flow-schema/precedence", .invalid, at: "matchingPrecedence",
          "found \(precedence), expected 1 to 10000")
      }
      if precedence == 1, !object["metadata"]["name"].isString("exempt") {
        validation.report(
          "flow-schema/precedence", .invalid, at: "matchingPrecedence",
          "only the schema 'exempt' may have the precedence 1")
      }
      if spec["distinguisherMethod"].isSet {
        validation.field("distinguisherMethod", of: spec) { validation, method in
          validation.field("type", of: method) { validation, type in
            validation.choice("flow-schema/distinguisher", type, among: distinguishers)
          }
        }
      }
      validation.field("priorityLevelConfiguration", of: spec) { validation, reference in
        validation.requiredName("flow-schema/level", "name", of: reference, .dns1123Subdomain)
      }
      validation.elements("rules", of: spec) { validation, rule, _ in validation.flowRule(rule) }
    }
  }

  private mutating func flowRule(_ rule: Value) {
    require("flow-schema/subjects", "subjects", of: rule)
    elements("subjects", of: rule) { validation, subject, _ in validation.flowSubject(subject) }
    if rule["resourceRules"].isUnset, rule["nonResourceRules"].isUnset {
      report(
        "flow-schema/rule", .required, "a rule needs 'resourceRules' or 'nonResourceRules'")
    }
    elements("resourceRules", of: rule) { validation, rule, _ in
      validation.flowVerbs(rule, verbs)
      validation.flowList("apiGroups", of: rule)
      validation.flowList("resources", of: rule)
      let namespaces = rule["namespaces"]
      if namespaces.isUnset, !rule["clusterScope"].isTrue {
        validation.report(
          "flow-schema/namespaces", .required, at: "namespaces",
          "rules that are not clusterScope need namespaces")
      } else if namespaces.count > 1, namespaces.hasElement("*") {
        validation.report(
          "flow-schema/namespaces", .invalid, at: "namespaces", "'*' stands for all alone")
      } else {
        validation.elements("namespaces", of: rule) { validation, namespace, _ in
          if namespace.isString("*") { return }
          validation.name("flow-schema/namespaces", namespace, .dns1123Label)
        }
      }
    }
    elements("nonResourceRules", of: rule) { validation, rule, _ in
      validation.flowVerbs(rule, urlVerbs)
      validation.flowList("nonResourceURLs", of: rule)
      validation.elements("nonResourceURLs", of: rule) { validation, url, _ in
        if !url.isString("*"), !url.hasPrefix("/") {
          validation.report("flow-schema/urls", .invalid, "\(shown(url)) does not begin with '/'")
        }
      }
    }
  }

  private mutating func flowVerbs(_ rule: Value, _ known: [StaticString]) {
    flowList("verbs", of: rule)
    let list = rule["verbs"]
    if list.hasElement("*") { return }
    for verb in list.elements where !known.contains(where: { verb.isString($0) }) {
      report(
        "flow-schema/verbs", .notSupported, at: "verbs",
        "found \(shown(verb)), expected \(listed(known))")
      return
    }
  }

  private mutating func flowList(_ name: StaticString, of rule: Value) {
    if require("flow-schema/rule", name, of: rule), rule[name].count > 1,
      rule[name].hasElement("*")
    {
      report("flow-schema/rule", .invalid, at: name, "'*' stands for all of '\(name)' alone")
    }
  }

  private mutating func flowSubject(_ subject: Value) {
    let kind = subject["kind"]
    guard let own = subjectKinds.first(where: { kind.isString($0.0) })?.1 else {
      return report(
        "flow-schema/subject", .notSupported, at: "kind",
        "found \(shown(kind)), expected \(listed(subjectKinds.map(\.0)))")
    }
    if subject[own].isSet {
      field(own, of: subject) { validation, value in
        let hasName = validation.require("flow-schema/subject", "name", of: value)
        guard kind.isString("ServiceAccount") else { return }
        if hasName, !value["name"].isString("*") {
          validation.name("flow-schema/subject", value["name"], .dns1123Subdomain, at: "name")
        }
        validation.requiredName("flow-schema/subject", "namespace", of: value, .dns1123Label)
      }
    } else {
      report(
        "flow-schema/subject", .required, at: own, "a subject of kind \(shown(kind)) needs '\(own)'"
      )
    }
    for (_, name) in subjectKinds where !same(name, own) && subject[name].isSet {
      report(
        "flow-schema/subject", .forbidden, at: name,
        "a subject of kind \(shown(kind)) has no '\(name)'")
    }
  }

  mutating func priorityLevel(_ object: Value) {
    field("spec", of: object) { validation, spec in
      let type = spec["type"]
      if type.isString("Exempt") {
        if spec["limited"].isSet {
          validation.report(
            "priority-level/type", .forbidden, at: "limited", "type 'Exempt' has no 'limited'")
        }
        validation.field("exempt", of: spec) { $0.shares($1) }
      } else if type.isString("Limited") {
        if spec["exempt"].isSet {
          validation.report(
            "priority-level/type", .forbidden, at: "exempt", "type 'Limited' has no 'exempt'")
        }
        if !spec["limited"].isSet {
          validation.report(
            "priority-level/type", .required, at: "limited", "type 'Limited' needs 'limited'")
        } else {
          validation.field("limited", of: spec) { $0.limited($1) }
        }
      } else {
        validation.report(
          "priority-level/type", .notSupported, at: "type",
          "found \(shown(type)), expected 'Exempt' or 'Limited'")
      }
    }
  }

  private mutating func shares(_ level: Value) {
    nonNegative("priority-level/shares", "nominalConcurrencyShares", of: level)
    range("priority-level/percent", "lendablePercent", of: level, 0...100)
  }

  private mutating func limited(_ level: Value) {
    shares(level)
    nonNegative("priority-level/percent", "borrowingLimitPercent", of: level)
    field("limitResponse", of: level) { validation, response in
      let type = response["type"]
      let queuing = response["queuing"]
      if type.isString("Reject") {
        if queuing.isSet {
          validation.report(
            "priority-level/response", .forbidden, at: "queuing", "type 'Reject' has no 'queuing'")
        }
      } else if type.isString("Queue") {
        guard queuing.isSet else {
          return validation.report(
            "priority-level/response", .required, at: "queuing", "type 'Queue' needs 'queuing'")
        }
        validation.field("queuing", of: response) { $0.queuing($1) }
      } else {
        validation.report(
          "priority-level/response", type.isUnset ? .required : .notSupported, at: "type",
          "found \(shown(type)), expected 'Queue' or 'Reject'")
      }
    }
  }

  private mutating func queuing(_ queuing: Value) {
    for name: StaticString in ["queueLengthLimit", "queues", "handSize"] {
      let number = queuing[name].intOrZero
      if number < (same(name, "queueLengthLimit") ? 1 : 1) {
        report(
          "priority-level/queuing", .invalid, at: name, "found \(number), expected more than 0")
      }
    }
    let queues = queuing["queues"].intOrZero
    if queues > 10_000_000 {
      report("priority-level/queuing", .invalid, at: "queues", "found \(queues) queues")
    } else if queuing["handSize"].intOrZero > queues {
      report(
        "priority-level/queuing", .invalid, at: "handSize",
        "the hand of \(queuing["handSize"].intOrZero) is more than the \(queues) queues")
    }
  }
}
