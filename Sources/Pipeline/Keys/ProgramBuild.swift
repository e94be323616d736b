import Glibc

/// What tells this executable from other builds: its GNU build id where the linker wrote one, else its size and
/// the time it was written. Empty when it cannot be read.
public func programBuild() -> String {
  let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  if let id = buildID(descriptor) { return id }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { return "" }
  return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// The note `NT_GNU_BUILD_ID` (3, of `GNU`) of a 64-bit ELF file, in hexadecimal (elf(5): program headers of
/// type `PT_NOTE` (4), notes of three words, name and description padded to 4 bytes).
private func buildID(_ descriptor: Int32) -> String? {
  guard let header = read(descriptor, 64, at: 0),
    header.prefix(5).elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2])
  else {
    return nil
  }
  let start = number(header, 32, 8)
  let size = number(header, 54, 2)
  guard size >= 56 else { return nil }
  for index in 0..<number(header, 56, 2) {
    guard let entry = read(descriptor, 56, at: start + index * size) else { return nil }
    let length = number(entry, 32, 8)
    guard number(entry, 0, 4) == 4, length <= 1 << 16,
      let notes = read(descriptor, length, at: number(entry, 8, 8))
    else { continue }
    var offset = 0
    while offset + 12 <= notes.count {
      let nameCount = number(notes, offset, 4)
      let count = number(notes, offset + 4, 4)
      let kind = number(notes, offset + 8, 4)
      let description = offset + 12 + (nameCount + 3) & ~3
      guard nameCount <= notes.count, count <= notes.count, description + count <= notes.count
      else { break }
      let name = notes[offset + 12..<offset + 12 + nameCount]
      if kind == 3, name.elementsEqual("GNU\0".utf8) {
        return notes[description..<description + count].map { byte in
          String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
      }
      offset = description + (count + 3) & ~3
    }
  }
  return nil
}

private func read(_ descriptor: Int32, _ count: Int, at offset: Int) -> [UInt8]? {
  guard count > 0, offset >= 0 else { return nil }
  var bytes = [UInt8](repeating: 0, count: count)
  return pread(descriptor, &bytes, count, offset) == count ? bytes : nil
}

/// A little-endian number of up to 8 bytes; too large a one is the largest.
private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
  var result: UInt64 = 0
  for index in (0..<count).reversed() { result = result << 8 | UInt64(bytes[offset + index]) }
  return Int(clamping: result)
}
