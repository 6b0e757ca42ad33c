/// The 64-bit FNV-1a hash: tells texts and small files apart, and proves nothing.
///
/// Source: http://www.isthe.com/chongo/tech/comp/fnv/
package func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
