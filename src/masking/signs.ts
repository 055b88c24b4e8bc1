import type { Sign } from './detectors/detector.js';

const BACKSLASH = 0x5c;
const AT = 0x40;
/** More other characters than this between two digits end a row of them. */
const MAX_BETWEEN = 3;

/**
 * Whether any of the signs might stand in a JSON text, escapes still in place. Never a wrong no: where there are escapes of
 * characters, or characters beyond ASCII that read as others, everything might.
 */
export function mayHave(bytes: Buffer, signs: readonly Sign[]): boolean {
  let digits = 0;
  let between = 0;
  let run = 0;
  let mostDigits = 0;
  let longestRun = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x80 || (byte === BACKSLASH && bytes[index + 1] === 0x75)) return true;
    if (byte >= 0x30 && byte <= 0x39) {
      digits = between > MAX_BETWEEN ? 1 : digits + 1;
      between = 0;
      if (digits > mostDigits) mostDigits = digits;
    } else between += 1;
    run = isOfRun(byte) ? run + 1 : 0;
    if (run > longestRun) longestRun = run;
  }
  let lowered: string | undefined;
  return signs.some((sign) => {
    if ('digits' in sign) return mostDigits >= sign.digits;
    if ('run' in sign) return longestRun >= sign.run;
    if ('at' in sign) return bytes.includes(AT);
    lowered ??= bytes.toString('latin1').toLowerCase();
    return lowered.includes(sign.word.toLowerCase());
  });
}

function isOfRun(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  const lower = byte | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return true;
  return (
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x5f ||
    byte === 0x2d ||
    byte === 0x3d ||
    byte === 0x2e ||
    byte === 0x7e
  );
}
