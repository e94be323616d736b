import CLibGit2
import Glibc

/// A sub-transport that does what `inner` does, and writes what is read from it to standard output.
///
/// libgit2 reads a server's references through it; whoever listens reads the same bytes, with the
/// capabilities that libgit2 keeps for itself. It owns `inner` and is freed by libgit2.
func recording(
  _ inner: UnsafeMutablePointer<git_smart_subtransport>
) -> UnsafeMutablePointer<git_smart_subtransport> {
  let whole = UnsafeMutablePointer<git2_wrapping_subtransport>.allocate(capacity: 1)
  whole.initialize(to: git2_wrapping_subtransport())
  whole.pointee.inner = inner
  whole.pointee.parent.action = { result, parent, url, action in
    guard let inner = wholeSubtransport(parent)?.pointee.inner else { return -1 }
    var stream: UnsafeMutablePointer<git_smart_subtransport_stream>?
    let status = inner.pointee.action(&stream, inner, url, action)
    guard status == 0, let stream else { return status }
    result?.pointee = recordingStream(stream, of: parent)
    return 0
  }
  whole.pointee.parent.close = { parent in
    guard let inner = wholeSubtransport(parent)?.pointee.inner else { return -1 }
    return inner.pointee.close(inner)
  }
  whole.pointee.parent.free = { parent in
    guard let whole = wholeSubtransport(parent) else { return }
    if let inner = whole.pointee.inner { inner.pointee.free(inner) }
    whole.deinitialize(count: 1)
    whole.deallocate()
  }
  return UnsafeMutableRawPointer(whole).assumingMemoryBound(to: git_smart_subtransport.self)
}

private func recordingStream(
  _ inner: UnsafeMutablePointer<git_smart_subtransport_stream>,
  of owner: UnsafeMutablePointer<git_smart_subtransport>?
) -> UnsafeMutablePointer<git_smart_subtransport_stream> {
  let whole = UnsafeMutablePointer<git2_wrapping_stream>.allocate(capacity: 1)
  whole.initialize(to: git2_wrapping_stream())
  whole.pointee.inner = inner
  whole.pointee.parent.subtransport = owner
  whole.pointee.parent.read = { parent, buffer, capacity, count in
    guard let inner = wholeStream(parent)?.pointee.inner else { return -1 }
    let status = inner.pointee.read(inner, buffer, capacity, count)
    if status == 0, let buffer, let read = count?.pointee {
      let bytes = UnsafeRawBufferPointer(start: buffer, count: min(read, capacity))
      writeAll(Array(bytes)[...], to: STDOUT_FILENO)
    }
    return status
  }
  whole.pointee.parent.write = { parent, buffer, count in
    guard let inner = wholeStream(parent)?.pointee.inner else { return -1 }
    return inner.pointee.write(inner, buffer, count)
  }
  whole.pointee.parent.free = { parent in
    guard let whole = wholeStream(parent) else { return }
    if let inner = whole.pointee.inner { inner.pointee.free(inner) }
    whole.deinitialize(count: 1)
    whole.deallocate()
  }
  return UnsafeMutableRawPointer(whole).assumingMemoryBound(to: git_smart_subtransport_stream.self)
}

/// `parent` stands first in the whole, so both have one address.
private func wholeSubtransport(
  _ parent: UnsafeMutablePointer<git_smart_subtransport>?
) -> UnsafeMutablePointer<git2_wrapping_subtransport>? {
  parent.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: git2_wrapping_subtransport.self) }
}

private func wholeStream(
  _ parent: UnsafeMutablePointer<git_smart_subtransport_stream>?
) -> UnsafeMutablePointer<git2_wrapping_stream>? {
  parent.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: git2_wrapping_stream.self) }
}
