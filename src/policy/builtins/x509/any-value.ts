import type { RegoValue } from '../../rego/value.js';
import { type DerElement, DerReader, TAG } from './der.js';
import { bytesOf, objectOf, oidOf } from './fields.js';
import { isStringTag, stringIn } from './name.js';
import { readTime } from './time.js';

/**
 * What Go makes of an element whose type it isn't told.
 *
 * Source: https://pkg.go.dev/encoding/asn1#Unmarshal
 */
export function anyValue(element: DerElement): RegoValue {
  const { tag, content, raw } = element;
  if (isStringTag(tag)) return stringIn(element);
  const reader = new DerReader(raw);
  switch (tag) {
    case TAG.boolean:
      return reader.boolean();
    case TAG.integer:
      return reader.smallInteger();
    case TAG.oid:
      return oidOf(reader.oid());
    case TAG.octetString:
      return bytesOf(content);
    case TAG.bitString: {
      const { bytes, unused } = reader.bitString();
      return objectOf({ Bytes: bytesOf(bytes), BitLength: bytes.length * 8 - unused });
    }
    case TAG.utcTime:
    case TAG.generalizedTime:
      return readTime(reader).text;
    default:
      return null;
  }
}
