import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { EVENTS } from './events.js';

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../schemas/audit-event.schema.json', import.meta.url), 'utf8'),
);
const isValid = new Ajv({ strict: true }).compile(SCHEMA);
const record = (event: object) => ({ sequence: 1, time: '2026-01-01T00:00:00.000Z', event });

test('the schema names every kind of event and no other', () => {
  const named = SCHEMA.properties.event.oneOf.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1));
  expect(named).toEqual(Object.keys(EVENTS));
});

describe.each(Object.entries(EVENTS))('%s', (_type, event) => {
  test('is valid', () => {
    expect([isValid(record(event)), isValid.errors]).toEqual([true, null]);
  });

  test('is valid without what is optional, and not without the rest', () => {
    const { required, oneOf = [] } = SCHEMA.definitions[event.type];
    const demanded = [required, ...oneOf.map((one: { required: string[] }) => one.required)].flat();
    for (const member of Object.keys(event)) {
      const { [member]: _, ...without } = event as Record<string, unknown>;
      expect([member, isValid(record(without))]).toEqual([member, !demanded.includes(member)]);
    }
  });

  test('is closed at every depth', () => {
    const opened: string[] = [];
    for (const [path, spoilt] of withOneMore(record(event))) {
      if (isValid(spoilt)) opened.push(path);
    }
    expect(opened).toEqual([]);
  });
});

test.each([
  ['a sequence number of 0', { ...record(EVENTS.lifecycle), sequence: 0 }],
  ['a time in another zone', { ...record(EVENTS.lifecycle), time: '2026-01-01T01:00:00.000+01:00' }],
  ['an unknown kind', record({ type: 'rumour' })],
  ['an unknown effect', record({ ...EVENTS.decision, effect: 'maybe' })],
])('%s is invalid', (_what, spoilt) => {
  expect(isValid(spoilt)).toBe(false);
});

/** The value once for each object in it, with one member more in that object. */
function* withOneMore(value: unknown, path = ''): Generator<[path: string, spoilt: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, { ...value, surplus: 1 }];
  for (const [name, child] of Object.entries(value)) {
    for (const [at, spoilt] of withOneMore(child, `${path}/${name}`)) {
      yield [at, Array.isArray(value) ? value.with(Number(name), spoilt) : { ...value, [name]: spoilt }];
    }
  }
}
