import Documents

/// What a container mounts (`ValidateVolumeMounts`, `ValidateVolumeDevices`).
extension ObjectValidation {
  /// Checks `volumeMounts` of a container.
  mutating func volumeMounts(of container: Value, _ pod: PodContext) {
    let mounts = container["volumeMounts"].elements
    let devices = container["volumeDevices"].elements
    elements("volumeMounts", of: container) { check, mount, index in
      let name = mount["name"]
      check.require("name", of: mount, "container/mount-name")
      if pod.volume(named: name).isAbsent, !pod.hasClaimTemplate(named: name) {
        check.reportNoVolume(name, pod)
      }
      check.mountPath(mount, index, mounts)
      if devices.contains(where: { $0["name"].isSameText(as: name) }) {
        check.report(
          "container/mount-and-device", .invalid, at: "name",
          "volume '\(name.shown)' is in 'volumeDevices' already")
      }
      if devices.contains(where: { $0["devicePath"].isSameText(as: mount["mountPath"]) }) {
        check.report(
          "container/mount-and-device", .invalid, at: "mountPath",
          "path '\(mount["mountPath"].shown)' is in 'volumeDevices' already")
      }
      check.subPaths(of: mount)
      let isPrivileged = container["securityContext"]["privileged"].isTrue
      check.mountPropagation(of: mount, isPrivileged: isPrivileged)
      check.recursiveReadOnly(of: mount)
    }
  }

  private mutating func reportNoVolume(_ name: Value, _ pod: PodContext) {
    let isRefused = pod.refusedVolumes.contains {
      pod.spec["volumes"].elements[$0]["name"].hasSameBytes(as: name)
    }
    report(
      "pod/volume-mount-without-volume", .notFound, at: "name",
      isRefused
        ? "volume '\(name.shown)' has a mistake of its own, so it is not there to mount"
        : "there is no volume '\(name.shown)'",
      help: isRefused ? "mend the volume" : "add it to 'volumes', or mount one that is there")
  }

  private mutating func mountPath(
    _ mount: Value, _ index: Int, _ mounts: UnsafeBufferPointer<Value>
  ) {
    let path = mount["mountPath"]
    require("mountPath", of: mount, "container/mount-path")
    if mounts[..<index].contains(where: { $0["mountPath"].isSameText(as: path) }) {
      report(
        "container/duplicate-mount-path", .invalid, at: "mountPath",
        "two volumes are mounted at '\(path.shown)'",
        help: "mount each at a path of its own, or use a projected volume")
    }
  }

  private mutating func subPaths(of mount: Value) {
    let path = mount["subPath"]
    let expression = mount["subPathExpr"]
    guard !path.isUnset || !expression.isUnset else { return }
    printing({ $0.withoutLastIndex }) {
      $0.expectDescendingPath(path, "container/sub-path", at: "subPath")
    }
    guard !expression.isUnset else { return }
    if !path.isUnset {
      report(
        "container/sub-path", .invalid, at: "subPathExpr",
        "'subPath' and 'subPathExpr' cannot both be set")
    }
    printing({ $0.withoutLastIndex }) {
      $0.expectDescendingPath(expression, "container/sub-path", at: "subPathExpr")
    }
  }

  private mutating func mountPropagation(of mount: Value, isPrivileged: Bool) {
    let propagation = mount["mountPropagation"]
    guard propagation.isGiven else { return }
    printing({ $0.withoutLastIndex }) { check in
      check.expectOneOf(
        ["Bidirectional", "HostToContainer", "None"], propagation, "container/mount-propagation",
        at: "mountPropagation", emptyIsMissing: false)
      if propagation.isString("Bidirectional"), !isPrivileged {
        check.report(
          "container/mount-propagation", .forbidden, at: "mountPropagation",
          "'Bidirectional' is available only to privileged containers")
      }
    }
  }

  private mutating func recursiveReadOnly(of mount: Value) {
    let mode = mount["recursiveReadOnly"]
    guard mode.isGiven, !mode.isString("Disabled"), minor >= 31 else { return }
    printing({ $0.withoutLastIndex }) { check in
      guard mode.isString("Enabled") || mode.isString("IfPossible") else {
        check.expectOneOf(
          ["Disabled", "Enabled", "IfPossible"], mode, "container/recursive-read-only",
          at: "recursiveReadOnly", emptyIsMissing: false)
        return
      }
      if !mount["readOnly"].isTrue {
        check.report(
          "container/recursive-read-only", .forbidden, at: "recursiveReadOnly",
          "it may only be set where 'readOnly' is true")
      }
      let propagation = mount["mountPropagation"]
      if propagation.isGiven, !propagation.isString("None") {
        check.report(
          "container/recursive-read-only", .forbidden, at: "recursiveReadOnly",
          "it may only be set where 'mountPropagation' is 'None' or not set")
      }
    }
  }

  /// Checks `volumeDevices` of a container.
  mutating func volumeDevices(of container: Value, _ pod: PodContext) {
    let devices = container["volumeDevices"].elements
    let mounts = container["volumeMounts"].elements
    elements("volumeDevices", of: container) { check, device, index in
      let name = device["name"]
      let path = device["devicePath"]
      check.require("name", of: device, "container/device-name")
      if !name.isUnset, devices[..<index].contains(where: { $0["name"].hasSameBytes(as: name) }) {
        check.report(
          "container/duplicate-device", .invalid, at: "name",
          "volume '\(name.shown)' is in 'volumeDevices' twice")
      }
      check.deviceVolume(name, pod)
      check.devicePath(device, devices[..<index])
      if mounts.contains(where: { $0["name"].isSameText(as: name) }) {
        check.report(
          "container/mount-and-device", .invalid, at: "name",
          "volume '\(name.shown)' is in 'volumeMounts' already")
      }
      if mounts.contains(where: { $0["mountPath"].isSameText(as: path) }) {
        check.report(
          "container/mount-and-device", .invalid, at: "devicePath",
          "path '\(path.shown)' is in 'volumeMounts' already")
      }
    }
  }

  private mutating func deviceVolume(_ name: Value, _ pod: PodContext) {
    if pod.hasClaimTemplate(named: name) { return }
    let volume = pod.volume(named: name)
    if volume.isAbsent {
      reportNoVolume(name, pod)
    } else if !volume["persistentVolumeClaim"].isGiven, !volume["ephemeral"].isGiven {
      report(
        "container/device-volume", .invalid, at: "name",
        "volume '\(name.shown)' is no claim: a block device needs a 'persistentVolumeClaim' or "
          + "'ephemeral' volume")
    }
  }

  private mutating func devicePath(
    _ device: Value, _ earlier: Slice<UnsafeBufferPointer<Value>>
  ) {
    let path = device["devicePath"]
    require("devicePath", of: device, "container/device-path")
    let goesUp = hasParentStep(path.utf8IfText)
    if earlier.contains(where: {
      $0["devicePath"].isSameText(as: path) && !hasParentStep($0["devicePath"].utf8IfText)
    }) {
      report(
        "container/duplicate-device", .invalid, at: "devicePath",
        "two devices are at '\(path.shown)'")
    }
    if goesUp {
      report(
        "container/device-path", .invalid, at: "devicePath",
        "'\(path.shown)' must not contain '..'")
    }
  }
}
