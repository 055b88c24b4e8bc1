/** An address of 4 or 16 bytes as it is written. Source: RFC 5952 */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (isMapped(bytes)) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** Whether two addresses are one, be they written as IPv4 or mapped into IPv6. */
export function sameAddress(left: Buffer, right: Buffer): boolean {
  return shortest(left).equals(shortest(right));
}

/** An IPv4 address where it is one that was mapped. */
export function shortest(bytes: Buffer): Buffer {
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

function isMapped(bytes: Buffer): boolean {
  return bytes.length === 16 && bytes.toString('hex', 0, 12) === '00000000000000000000ffff';
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === '0') end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
