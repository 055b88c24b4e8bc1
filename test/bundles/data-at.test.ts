import { dataAt } from '../../src/bundles/index.js';

const PATH = ['settings', 'revocations'];

test.each([
  ['it stands there', '{"settings":{"revocations":{"entries":[1.0]}}}', '{"entries":[1.0]}'],
  [
    'others stand before and behind it',
    '{"a":{"settings":{"revocations":1}},"settings":{"x":"}","revocations":2,"y":[]},"b":3}',
    '2',
  ],
  ['there is white space', ' {\n "settings" :\t{ "revocations" : [ ] } }\n', ' [ ] '],
  ['its name is written with escapes', '{"settings":{"revo\\u0063ations":7}}', '7'],
  ['its parent is written with escapes', '{"\\u0073ettings":{"revocations":7}}', '7'],
  ['it is not there', '{"settings":{"roles":{}}}', undefined],
  ['its name stands in a text only', '{"settings":{"roles":"revocations"}}', undefined],
  ['it stands elsewhere', '{"revocations":1,"settings":{"a":{"revocations":1}}}', undefined],
  ['its parent is a list', '{"settings":[{"revocations":1}]}', undefined],
  ['its parent is a text that looks like an object', '{"settings":"{\\"revocations\\":1}"}', undefined],
  ['there is nothing', '{}', undefined],
])('where %s', (_where, text, expected) => {
  const found = dataAt(Buffer.from(text), PATH)?.toString();
  expect(found?.trim()).toBe(expected?.trim());
});
