import fc from 'fast-check';
import type { MaskObligation } from '../../src/domain/index.js';
import { carryOut, findSensitive, findTokens, restoreTokens } from '../../src/masking/index.js';
import { decisionWith, documentOf, HASH_KEY, masked } from './messages.js';

const OWNER = { principalId: 'https://idp.test|agent', upstream: 'crm' };

function fakeOf(json: string, detector?: string): unknown {
  const match = detector === undefined ? {} : { match: { detector } };
  const { text } = masked(`{"a":${json}}`, [{ path: '/a', with: 'fake', ...match }]);
  return (JSON.parse(text) as { a: unknown }).a;
}

function tokenized(text: string, mask: readonly MaskObligation[], owner = OWNER) {
  const obliged = carryOut(documentOf(text), decisionWith(mask), { hashKey: HASH_KEY, owner });
  return { text: obliged.bytes.toString('utf8'), tokenized: obliged.tokenized };
}

/** ISO/IEC 7812-1, annex B, over all digits. */
function hasCheckDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 7064, MOD 97-10. */
function ibanRemainder(iban: string): number {
  const plain = iban.replaceAll(/\s/g, '');
  const digits = [...(plain.slice(4) + plain.slice(0, 4))].map((sign) => Number.parseInt(sign, 36)).join('');
  return Number(BigInt(digits) % 97n);
}

describe('a fake', () => {
  const SIGNS = 'abcXYZ019 -./:@_(),+é王!"\\';
  const TEXT = fc
    .array(fc.constantFrom(...SIGNS), { minLength: 1, maxLength: 24 })
    .map((signs) => signs.join(''));

  test('is never the value, has its form, and is the same each time', () => {
    fc.assert(
      fc.property(TEXT, (value) => {
        const fake = fakeOf(JSON.stringify(value)) as string;
        expect(fake).not.toBe(value);
        expect(fakeOf(JSON.stringify(value))).toBe(fake);
        const isEmail = fake.endsWith('.test') || fake.endsWith('.example');
        if (isEmail || !/[^\s\-./:@_(),+]/.test(value)) return;
        expect(shapeOf(fake)).toBe(shapeOf(value));
      }),
      { numRuns: 500 },
    );
  });

  test('of a number is a number of as many digits, also where a detector found it', () => {
    const number = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
    );
    fc.assert(
      fc.property(
        number.filter((value) => !Object.is(value, -0)),
        (value) => {
          const json = JSON.stringify(value);
          const { text } = masked(`{"a":${json}}`, [{ path: '/a', with: 'fake' }]);
          const fake = text.slice('{"a":'.length, -1);
          expect(typeof JSON.parse(fake)).toBe('number');
          expect(fake).not.toBe(json);
          expect(fake.replaceAll(/\d/g, '0')).toBe(json.replaceAll(/\d/g, '0'));
        },
      ),
    );
    expect(fakeOf('4111111111111111', 'payment_card')).toEqual(fakeOf('4111111111111111', 'payment_card'));
    expect(typeof fakeOf('4111111111111111', 'payment_card')).toBe('number');
  });

  test.each([
    '4111 1111 1111 1111',
    '3782-822463-10005',
    '4111111111111111',
    '６０１１１１１１１１１１１１１７',
  ])('of the card %s is one of no issuer, with a right check digit', (card) => {
    for (const detector of [undefined, 'payment_card']) {
      const fake = fakeOf(JSON.stringify(card), detector) as string;
      const digits = fake.normalize('NFKC').replaceAll(/\D/g, '');
      expect(digits).toMatch(/^9999/);
      expect(hasCheckDigit(digits)).toBe(true);
      expect(shapeOf(fake)).toBe(shapeOf(card));
    }
  });

  test.each(['ada.lovelace@analytical.co.uk', 'x@y.io', 'a@b.co', 'Bob+news@mail.example.com'])(
    'of the address %s is one that no mail reaches',
    (address) => {
      for (const detector of [undefined, 'email']) {
        const fake = fakeOf(JSON.stringify(address), detector) as string;
        expect(fake).toMatch(/^[^@]+@[^@]+\.(?:test|example)$/);
        expect(fake).not.toBe(address);
        if (address !== 'a@b.co') expect(fake.length).toBeGreaterThanOrEqual(address.length);
      }
    },
  );

  test.each(['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432', 'NO9386011117947'])(
    'of the IBAN %s has right check digits',
    (iban) => {
      const fake = fakeOf(JSON.stringify(iban)) as string;
      expect(ibanRemainder(fake)).toBe(1);
      expect(fake.slice(0, 2)).toBe(iban.slice(0, 2));
      expect(shapeOf(fake)).toBe(shapeOf(iban));
      expect(fake).not.toBe(iban);
    },
  );

  test.each(['true', 'null', '{"b":1}', '["b"]', '""'])('of %s there is none: it is redacted', (json) => {
    expect(fakeOf(json)).toBe('[redacted]');
  });

  test('is another with another key, and another for what another detector found', () => {
    const mask = [{ path: '/a', with: 'fake' as const }];
    const other = carryOut(documentOf('{"a":"Ada Lovelace"}'), decisionWith(mask), {
      hashKey: Buffer.alloc(32, 8),
    });
    expect(other.bytes.toString()).not.toContain(fakeOf('"Ada Lovelace"'));
    const found = [{ path: '/a', with: 'fake' as const, match: { pattern: 'Ada Lovelace' } }];
    expect(masked('{"a":"Ada Lovelace"}', found).text).toContain(fakeOf('"Ada Lovelace"'));
  });

  test('keeps a number one in the text twin of a structured answer', () => {
    const text = '{"s":{"n":123456,"cvv":123},"t":"{\\"n\\":123456,\\"cvv\\":123}"}';
    const result = JSON.parse(masked(text, [{ path: '/s/*', with: 'fake' }]).text) as {
      s: object;
      t: string;
    };
    expect(JSON.parse(result.t)).toEqual(result.s);
    expect(Object.values(result.s).map((value) => typeof value)).toEqual(['number', 'number']);
  });
});

function shapeOf(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{N}/gu, '0')
    .replaceAll(/\p{Lu}/gu, 'A')
    .replaceAll(/[^\s\-./:@_(),+0A]/gu, 'a');
}

describe('tokens', () => {
  const VALUE = fc.oneof(
    fc
      .array(fc.constantFrom(...'abc"\\/\n é王😀{}:,'), { minLength: 4, maxLength: 12 })
      .map((signs) => `ζ${signs.join('')}ξ`),
    fc.integer({ min: 10_000 }),
    fc.record({ street: fc.constant('ζ Baker Street 221b ξ'), zip: fc.integer({ min: 10_000 }) }),
  );

  test('come back as what they were, wherever they stand, and nothing of the values stands beside them', () => {
    fc.assert(
      fc.property(VALUE, fc.nat(2), (value, levels) => {
        let nested: unknown = { value, again: [value] };
        for (let level = 0; level < levels; level++) nested = { text: JSON.stringify(nested) };
        const message = JSON.stringify({ params: { arguments: { value, nested } } });
        const hidden = tokenized(message, [{ path: '/params/arguments/value', with: 'tokenize' }]);
        if (typeof value !== 'object') {
          expect(hidden.text).not.toContain(JSON.stringify(value).replaceAll('"', ''));
          if (typeof value === 'string') expect(hidden.text).not.toContain('ζ');
        }
        const kept = new Map(
          hidden.tokenized.map(({ token, kind, text }) => [token, { token, kind, text, upstream: 'crm' }]),
        );
        const document = documentOf(hidden.text);
        const found = findTokens(document, [{ path: '/params/arguments/**' }]);
        expect([...found.tokens].sort()).toEqual([...kept.keys()].sort());
        const { bytes } = restoreTokens(document, found, kept, { upstream: 'crm', mostBytes: 1e6 });
        const restored = JSON.parse(bytes.toString('utf8')) as typeof expected;
        const expected = JSON.parse(message) as { params: { arguments: { value: unknown } } };
        expect(restored.params.arguments.value).toEqual(value);
        if (typeof value === 'string' || levels < 2) expect(restored).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('differ by principal, server and value, and by nothing else', () => {
    const mask = [{ path: '/a', with: 'tokenize' as const }];
    const tokenOf = (value: string, owner = OWNER) =>
      JSON.parse(tokenized(`{"a":"${value}"}`, mask, owner).text).a;
    const all = [
      tokenOf('one'),
      tokenOf('two'),
      tokenOf('one', { ...OWNER, principalId: 'other' }),
      tokenOf('one', { ...OWNER, upstream: 'other' }),
    ];
    expect(new Set(all).size).toBe(4);
    expect(tokenOf('one')).toBe(all[0]);
    expect(all[0]).not.toContain('one');
  });

  test('are made only of what the message shows', () => {
    const { tokenized: kept } = tokenized('{"a":{"b":"longer","c":12345},"d":"longer"}', [
      { path: '/a', with: 'tokenize' },
      { path: '/a', with: 'redact' },
    ]);
    expect(kept).toEqual([]);
  });

  test('say which detector found the value, and the same where a mask of the whole value names none', () => {
    const { text } = tokenized('{"a":"ada@corp.io","b":"to ada@corp.io"}', [
      { path: '/a', with: 'tokenize' },
      { path: '/b', with: 'tokenize', match: { detector: 'email' } },
    ]);
    const { a, b } = JSON.parse(text) as { a: string; b: string };
    expect(a).toMatch(/^tok_email_/);
    expect(b).toBe(`to ${a}`);
  });

  test('are nothing that detectors find', () => {
    const { text } = tokenized(
      '{"password":"correct horse battery","b":{"token":"sk-9Zx81kLq0PwnT5vJ2hR7"}}',
      [
        { path: '/password', with: 'tokenize' },
        { path: '/b/token', with: 'tokenize' },
      ],
    );
    expect(text.match(/tok_/g)).toHaveLength(2);
    expect(findSensitive(documentOf(text))).toEqual([]);
  });

  test('stand only where something can be kept for them', () => {
    const attempt = () => masked('{"a":"b"}', [{ path: '/a', with: 'tokenize' }]);
    expect(attempt).toThrow(expect.objectContaining({ code: 'vault_missing' }));
  });

  test('stand for no more than 64 KB', () => {
    const { text } = tokenized(JSON.stringify({ a: 'x'.repeat(64 * 1024 + 1) }), [
      { path: '/a', with: 'tokenize' },
    ]);
    expect(text).toBe('{"a":"[redacted]"}');
  });
});

describe('restoring', () => {
  const token = `tok_email_${'a'.repeat(26)}`;
  const kept = new Map([
    [token, { token, kind: 'string' as const, text: 'ada@corp.io', upstream: 'crm', detector: 'email' }],
  ]);
  const bounds = { upstream: 'crm', mostBytes: 1_000 };

  test.each([
    ['of the server that the request goes to', {}, true],
    ['of another server, unnamed', { upstream: 'mailer' }, false],
    ['of another server, named', { upstream: 'mailer', from: ['crm'] }, true],
    ['of a server that is not named', { from: ['billing'] }, false],
    ['of a detector', { detector: 'email' }, true],
    ['of another detector', { detector: 'iban' }, false],
  ] as [string, { upstream?: string; from?: string[]; detector?: string }, boolean][])(
    'a token %s',
    (_why, { upstream = 'crm', ...terms }, isRestored) => {
      const document = documentOf(JSON.stringify({ params: { arguments: { to: token } } }));
      const found = findTokens(document, [{ path: '/params/arguments/to', ...terms }]);
      const { bytes, places } = restoreTokens(document, found, kept, { ...bounds, upstream });
      expect(bytes.toString().includes('ada@corp.io')).toBe(isRestored);
      expect(places).toHaveLength(isRestored ? 1 : 0);
    },
  );

  test('reaches the strings at the ends of paths, and no names', () => {
    const document = documentOf(JSON.stringify({ params: { arguments: { to: [token], [token]: token } } }));
    expect(findTokens(document, [{ path: '/params/arguments/to' }]).places).toEqual([]);
    expect(findTokens(document, [{ path: '/params/arguments/**' }]).places.map(({ path }) => path)).toEqual([
      '/params/arguments/to/0',
      `/params/arguments/${token}`,
    ]);
  });

  test('finds tokens behind escapes', () => {
    const document = documentOf(`{"params":{"arguments":{"to":"\\u0074ok_email_${'a'.repeat(26)}"}}}`);
    const found = findTokens(document, [{ path: '/params/arguments/**' }]);
    expect(found.tokens).toEqual([token]);
    expect(restoreTokens(document, found, kept, bounds).bytes.toString()).toContain('ada@corp.io');
  });

  test('makes no message that is too large', () => {
    const document = documentOf(JSON.stringify({ params: { arguments: { to: token.repeat(20) } } }));
    const found = findTokens(document, [{ path: '/params/arguments/**' }]);
    const large = new Map([
      [token, { token, kind: 'string' as const, text: 'x'.repeat(60_000), upstream: 'crm' }],
    ]);
    const attempt = () => restoreTokens(document, found, large, { upstream: 'crm', mostBytes: 1e6 });
    expect(attempt).toThrow(expect.objectContaining({ code: 'restored_too_large' }));
  });
});
