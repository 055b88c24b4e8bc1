/** Looks for many texts at once, each in all forms in which it could have been written. */

/** A shorter text would be found where nobody wrote it. */
export const SHORTEST = 8;

/**
 * The forms of a secret: as it is, in JSON and in JSON within JSON, in an address, in a form, in hexadecimal digits, and
 * within something that is encoded in base64, such as the credential of `Authorization: Basic`.
 *
 * @param {string} secret
 * @returns {string[]} as bytes, a character each
 */
export function formsOf(secret) {
  const json = JSON.stringify(secret).slice(1, -1);
  const texts = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    new URLSearchParams([['', secret]]).toString().slice(1),
    Buffer.from(secret).toString('hex'),
    ...base64Forms(Buffer.from(secret)),
    ...base64Forms(Buffer.from(new URLSearchParams([['', secret]]).toString().slice(1))),
  ];
  const forms = texts.map((text) => Buffer.from(text).toString('latin1'));
  return [...new Set(forms)].filter(({ length }) => length >= SHORTEST);
}

/** What bytes are in base64 and base64url wherever they stand, without the characters that their neighbours share. */
function base64Forms(bytes) {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/**
 * @template Secret
 * @param {Iterable<readonly [form: string, secret: Secret]>} forms
 * @returns {(bytes: Buffer) => Iterable<[offset: number, secret: Secret]>}
 */
export function searchFor(forms) {
  /** By the first four bytes, of which three are also in `begins`, so that most places need one look. */
  const byBeginning = new Map();
  const begins = new Uint8Array(1 << 24);
  for (const [form, secret] of forms) {
    const bytes = Buffer.from(form, 'latin1');
    begins[bytes.readUIntBE(0, 3)] = 1;
    const beginning = bytes.readUInt32BE(0);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), { bytes, secret }]);
  }
  return function* (bytes) {
    let last = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      last = ((last << 8) | bytes[at]) & 0xffffff;
      if (begins[last] === 0 || at < 2 || at + 1 >= bytes.length) continue;
      const begin = at - 2;
      for (const { bytes: form, secret } of byBeginning.get(bytes.readUInt32BE(begin)) ?? []) {
        if (form.equals(bytes.subarray(begin, begin + form.length))) yield [begin, secret];
      }
    }
  };
}
