import fc from 'fast-check';
import type { JsonObject } from '../../src/domain/index.js';
import { compileReads, inputBytes, type PolicyInput, prunedInput } from '../../src/policy/input.js';
import { call, inputOf, requestOf } from './given.js';
import { prune } from './prune.js';

type Paths = readonly (readonly string[])[];

const text = (input: PolicyInput, paths: Paths) => prunedInput(input, compileReads(paths)).toString();
const json = (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown;

/** Names that are easily mistaken: for an escape, for another's bytes, for a member of every object. */
const NAMES = [
  'a',
  'b',
  'ab',
  '',
  'é',
  'Ã©',
  '😀',
  '\n',
  '\\n',
  '"',
  '__proto__',
  'toString',
  'params',
  'x\u0000',
];
const PARTS = ['direction', 'kind', 'upstream', 'principal', 'session', 'tool', 'findings', 'approval'];
const WORDS = [...PARTS, 'time', 'message', 'request', 'listing', 'nowNanoseconds'];
const INNER = [
  'method',
  'now_ns',
  'rfc3339',
  'name',
  'claims',
  'groups',
  'id',
  'client',
  'labels',
  'annotations',
];

const name = fc.constantFrom(...NAMES);
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, -1.5, true, null, '', 'é"\\'),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
}));
const place = fc.oneof(
  fc.constantFrom(['message'], ['request', 'params'], ['principal', 'claims'], ['tool', 'annotations']),
  fc.tuple(fc.constantFrom(...WORDS)),
  fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(...INNER)),
);
const paths = fc.array(
  fc.tuple(place, fc.array(name, { maxLength: 4 })).map(([first, rest]) => [...first, ...rest]),
  { maxLength: 6 },
);

/** JSON as another writer writes it: white space, and characters escaped that need not be. */
function written(value: unknown, escapes: boolean): string {
  if (typeof value === 'string' || typeof value !== 'object' || value === null) {
    const plain = JSON.stringify(value);
    if (!escapes || typeof value !== 'string') return plain;
    const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
    return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
  }
  if (Array.isArray(value)) return `[ ${value.map((item) => written(item, escapes)).join(' , ')} ]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${written(key, escapes)} : ${written(member, !escapes)}`,
  );
  return `{ ${members.join(' ,\n')} }`;
}

const input = fc
  .record({
    message: object,
    params: fc.option(object),
    claims: object,
    labels: object,
    escapes: fc.boolean(),
  })
  .chain(({ message, params, claims, escapes }) => {
    const members = params === null ? { method: 'm' } : { method: 'mé', params };
    const request = requestOf(written(members, escapes));
    const { principal } = call('m');
    const tool = {
      name: 't',
      annotations: claims as JsonObject,
      digest: 'sha256:0',
      parts: { description: 'sha256:1' },
      suspicions: ['very_long'],
    };
    return fc
      .record(
        {
          request: fc.constant(request),
          tool: fc.constant(tool),
          approval: fc.constant({ id: 'a', approvers: ['b'], state: 'approved' as const }),
          findings: fc.constant([{ path: '/a', detector: 'email', count: 1 }]),
          principal: fc.constant({ ...principal, claims: claims as JsonObject }),
        },
        { requiredKeys: [] },
      )
      .map((differing) => inputOf(written(message, escapes), differing));
  });

test('what is left is what a slow and plain function leaves of the whole document', () => {
  fc.assert(
    fc.property(input, paths, (given, read) => {
      const pruned = json(prunedInput(given, compileReads(read)));
      expect(pruned).toEqual(prune(json(inputBytes(given)), read));
    }),
    { numRuns: 2_000 },
  );
});

const MESSAGE =
  '{"jsonrpc":"2.0", "id":1.0, "p\\u0061rams":{ "n" :9007199254740993, "e":[1e2,"\\u00fc"], "x":{}}}';

test.each<[string, Paths, string]>([
  ['nothing', [], '{}'],
  ['an object of which nothing is there', [['message', 'result', 'a']], '{"message":{}}'],
  ['the whole message', [['message']], `{"message":${MESSAGE}}`],
  ['a number as it was sent', [['message', 'params', 'n']], '{"message":{"params":{"n":9007199254740993}}}'],
  [
    'an array as it was sent',
    [['message', 'params', 'e', 'a']],
    '{"message":{"params":{"e":[1e2,"\\u00fc"]}}}',
  ],
  ['an empty object', [['message', 'params', 'x', 'y']], '{"message":{"params":{"x":{}}}}'],
  ['what is no object on the way', [['message', 'id', 'a']], '{"message":{"id":1.0}}'],
  ['exact nanoseconds', [['time', 'now_ns']], '{"time":{"now_ns":1790000000123456789}}'],
  ['their text', [['time', 'rfc3339']], '{"time":{"rfc3339":"2026-09-21T14:13:20.123456789Z"}}'],
  ['no tool', [['tool', 'name']], '{}'],
  ['no listing', [['listing']], '{}'],
  [
    'no member that every object inherits',
    [['principal', 'claims', 'toString'], ['toString']],
    '{"principal":{"claims":{}}}',
  ],
])('%s', (_what, read, expected) => {
  expect(text(inputOf(MESSAGE), read)).toBe(expected);
});

test('the members of a request are its method and its params', () => {
  const request = requestOf('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1.0,"b":2}}');
  const given = { ...call('m'), request };
  expect(
    text(given, [
      ['request', 'params', 'a'],
      ['request', 'id'],
    ]),
  ).toBe('{"request":{"params":{"a":1.0}}}');
  expect(text(given, [['request']])).toBe('{"request":{"method":"m","params":{"a":1.0,"b":2}}}');
});

test('a principal is written once for as long as it lives, and cannot change meanwhile', () => {
  const given = call('m');
  const reads = compileReads([
    ['principal', 'groups'],
    ['principal', 'claims', 'sub'],
  ]);
  const first = '{"principal":{"groups":["staff"],"claims":{"sub":"ann"}}}';
  expect(prunedInput(given, reads).toString()).toBe(first);
  expect(() => Object.assign(given.principal.claims, { sub: 'bob' })).toThrow(TypeError);
  expect(prunedInput(given, reads).toString()).toBe(first);

  const other = { ...given, principal: { ...given.principal, groups: ['admins'] } };
  expect(prunedInput(other, reads).toString()).toContain('"groups":["admins"]');
  expect(text(given, [['principal', 'id']])).toBe('{"principal":{"id":"https://issuer.test|ann"}}');
});

const broken: [string, Record<string, unknown>][] = [
  ['a direction that is none', { direction: 'sideways' }],
  ['a principal without a subject', { principal: { ...call('m').principal, subject: undefined } }],
  ['an upstream with more than it may have', { upstream: { name: 'a', labels: {}, url: 'b' } }],
  ['a finding of nothing', { findings: [{ path: '/a', detector: 'email', count: 0 }] }],
  ['a session without a client', { session: { id: 's', protocol_version: '2025-11-25' } }],
  ['no session', { session: undefined }],
  ['no findings, not even none', { findings: undefined }],
  ['no direction', { direction: undefined }],
  ['no principal', { principal: undefined }],
  ['an instant before time', { nowNanoseconds: -1n }],
  ['a message that is no object', { message: inputOf('[]').message }],
  ['a request without a method', { request: { ...requestOf('{"method":"m"}'), method: undefined } }],
];

test.each(broken)('%s is refused where policy is shown it', (_what, differing) => {
  const given = { ...call('m'), ...differing } as PolicyInput;
  const [member] = Object.keys(differing);
  const part = member === undefined || member === 'nowNanoseconds' ? 'time' : member;
  expect(text(given, [])).toBe('{}');
  for (const read of [[[part, 'below']], [[part]], [[]]]) {
    expect(() => text(given, read)).toThrow(expect.objectContaining({ code: 'malformed_input' }));
    // Nothing is remembered of a refusal.
    expect(() => text(given, read)).toThrow(expect.objectContaining({ code: 'malformed_input' }));
  }
});

test('a member that nobody knows is not passed on', () => {
  const given = { ...call('m'), listing: { tool: 'all' } } as PolicyInput;
  for (const read of [[['listing']], [[]]]) expect(text(given, read)).not.toContain('listing');
});

test('half a surrogate pair is refused where policy is shown what it is part of', () => {
  const { principal, session } = call('m');
  const given = { ...call('m'), principal: { ...principal, groups: ['\ud800'] } };
  for (const read of [[['principal', 'roles']], [['principal']], [[]]]) {
    expect(() => text(given, read)).toThrow('Unicode');
    expect(() => text(given, read)).toThrow('Unicode');
  }
  const client = { name: '\udfff', version: '1' };
  expect(() => text({ ...call('m'), session: { ...session, client } }, [['session']])).toThrow('Unicode');
});
